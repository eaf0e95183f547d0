import {
  addWorker,
  beatWorker,
  type PresenceWriter,
  removeWorker,
  tellPresence,
  type WorkerIdentity,
} from '#server/workers/queries.ts';
import type { Logger } from '#server/lib/logger.ts';

/** A worker in the list of those who work. Failures are logged; later beats make up for them. */
export interface Presence extends AsyncDisposable {
  /** To be called at every heartbeat. */
  beat(): void;
  /** To be called when a run has begun or ended. */
  changed(): void;
}

/** Resolves when the worker is listed. Disposing takes it off the list. */
export async function announceWorker(options: {
  writer: PresenceWriter;
  worker: WorkerIdentity;
  logger: Logger;
}): Promise<Presence> {
  const { writer, worker, logger } = options;
  let queued = 0;
  let last = Promise.resolve();

  // One after the other, so that no beat puts a worker back that has just been taken off.
  function write(change: () => Promise<void>): Promise<void> {
    queued += 1;
    last = last
      .then(change)
      .catch((error: unknown) => logger.warn({ err: error }, 'could not write who works'))
      .finally(() => (queued -= 1));
    return last;
  }

  await addWorker(writer, worker);
  return {
    beat() {
      if (queued === 0) void write(() => beatWorker(writer, worker));
    },
    changed: () => void write(() => tellPresence(writer)),
    [Symbol.asyncDispose]: () => write(() => removeWorker(writer, worker.id)),
  };
}
