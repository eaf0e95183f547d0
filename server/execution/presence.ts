import {
  addWorker,
  beatWorker,
  type PresenceWriter,
  removeWorker,
  tellPresence,
  type WorkerIdentity,
} from '#server/workers/queries.ts';
import type { Logger } from '#server/lib/logger.ts';

/** The entry of a worker in the list of workers. Failures are logged; later heartbeats repair them. */
export interface Presence extends AsyncDisposable {
  /** Call at every heartbeat. */
  beat(): void;
  /** Call when a run has begun or ended. */
  changed(): void;
}

/** Resolves when the worker is listed. Disposing removes it from the list. */
export async function announceWorker(options: {
  writer: PresenceWriter;
  worker: WorkerIdentity;
  logger: Logger;
}): Promise<Presence> {
  const { writer, worker, logger } = options;
  let queued = 0;
  let last = Promise.resolve();

  // One after the other, so that no heartbeat adds a worker again that was just removed.
  function write(change: () => Promise<void>): Promise<void> {
    queued += 1;
    last = last
      .then(change)
      .catch((error: unknown) => logger.warn({ err: error }, 'could not update the list of workers'))
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
