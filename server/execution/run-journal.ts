import { setTimeout as delay } from 'node:timers/promises';
import type { RunEventBody } from '#shared/events.ts';
import { isConnectionError } from '#server/db/connection-error.ts';
import { commitRun, type RunChange, type RunWriter } from '#server/runs/commit-run.ts';

/** Entries gather for this long before they are written, in ms. */
const batchMs = 100;
/** Entries per transaction. */
const batchSize = 500;
/** How long to wait before writing again to a database that was away, in ms. */
const retryMs = 1_000;

export interface RunJournal {
  /** Takes an entry for the log; it is written within 100 ms. */
  record(event: RunEventBody): void;
  /** Writes what is left and, with it, the end of the run. Resolves to false when the run is no longer ours. */
  finish(end: Omit<RunChange, 'from' | 'workerId'>): Promise<boolean>;
}

/**
 * Writes what happens in a run that this worker owns, in order, once, through outages of the database. Calls `onLost`
 * when the run turns out to be over or another's; what is recorded after that is dropped.
 */
export function createRunJournal(options: {
  writer: RunWriter;
  runId: string;
  workerId: string;
  /** The run's `seq` now; as long as the run is ours, nobody else raises it. */
  seq: number;
  onLost(): void;
}): RunJournal {
  const { writer, runId, workerId } = options;
  let { seq } = options;
  let pending: RunEventBody[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let lost = false;

  /** Whether the run's row shows a change whose acknowledgement did not arrive. */
  async function arrived(change: RunChange): Promise<boolean> {
    const row = await writer.db
      .selectFrom('runs')
      .select(['seq', 'status', 'workerId'])
      .where('id', '=', runId)
      .executeTakeFirst();
    if (row?.workerId !== workerId || row.seq <= seq || row.status !== (change.to ?? 'running')) return false;
    seq = row.seq;
    return true;
  }

  async function commit(change: RunChange): Promise<void> {
    for (let attempt = 1; !lost; attempt += 1) {
      try {
        if (attempt > 1 && (await arrived(change))) return;
        const run = await commitRun(writer, runId, { ...change, workerId });
        if (run) seq = run.seq;
        else {
          lost = true;
          options.onLost();
        }
        return;
      } catch (error) {
        if (!isConnectionError(error)) throw error;
        await delay(retryMs);
      }
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(async () => {
      while (pending.length > 0) {
        const events = pending.slice(0, batchSize);
        pending = pending.slice(batchSize);
        await commit({ from: ['running'], events });
      }
    });
    return writing;
  }

  return {
    record(event) {
      if (lost) return;
      pending.push(event);
      // A failure is kept in `writing` and comes out of `finish`.
      timer ??= setTimeout(() => flush().catch(() => {}), batchMs);
    },
    async finish(end) {
      await flush();
      await commit({ ...end, from: ['running'] });
      return !lost;
    },
  };
}
