import type { Worker } from 'node:cluster';

interface InternalMessage {
  cmd?: string;
  act?: string;
  ack?: number;
}

interface Handle {
  close(): void;
}

/**
 * Closes the connection that a process was given and did not accept before it ended. `node:cluster` keeps it open for ever, and it
 * is never answered. A process is given one connection at a time.
 */
export function closeUnaccepted({ process: child }: Worker): void {
  let given: Handle | undefined;
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  child.send = (...args: unknown[]) => {
    const [message, handle] = args as [InternalMessage, Handle | undefined];
    if (message.act === 'newconn') given = handle;
    return send(...args);
  };
  child.on('internalMessage', ({ cmd, ack }: InternalMessage) => {
    if (cmd === 'NODE_CLUSTER' && ack !== undefined) given = undefined;
  });
  child.once('exit', () => given?.close());
}
