import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A point at which the script of a run waits, so that a test decides when the run goes on. */
export interface Gate extends AsyncDisposable {
  /** The statement of a script that waits until the gate is open. */
  wait: string;
  open(): void;
}

/** Starts a gate that is closed. Disposing of it fails the scripts that still wait. */
export async function startGate(): Promise<Gate> {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const server = createServer((_req, res) => void opened.then(() => res.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    wait: `await fetch('http://127.0.0.1:${(server.address() as AddressInfo).port}');`,
    open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
