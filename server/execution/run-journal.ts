import { setTimeout as delay } from 'node:timers/promises';
import type { RunEventBody } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import { isConnectionError } from '#server/db/connection-error.ts';
import { createStepShedding } from './step-shedding.ts';
import { commitRun, type RunChange, type RunWriter } from '#server/runs/commit-run.ts';

/** Entries are collected for this long before they are written, in ms. */
const batchMs = 50;
/** Entries per transaction. */
const batchSize = 500;
/** Between attempts to write while the database is away, in ms. */
const retryMs = 1_000;

/** While more entries wait, steps are left out. */
const mostPending = 50_000;
/** Scripts are one part. */
const part = 0;

export interface RunJournal {
  /** Adds an entry to the log. It is written within 50 ms. */
  record(event: RunEventBody): void;
  /** Adds the list of the run's cases, which is written before all entries that are recorded later. */
  list(cases: readonly ListedCase[]): void;
  /** Writes the remaining entries and the end of the run. Resolves to false if the run is not this worker's any more. */
  finish(end: Omit<RunChange, 'from' | 'workerId'>): Promise<boolean>;
}

/**
 * Writes the log of a run of this worker: in order, each entry once, also through outages of the database. Calls `onLost` if the
 * run has ended or belongs to another worker; entries that are recorded after that are dropped.
 */
export function createRunJournal(options: {
  writer: RunWriter;
  runId: string;
  workerId: string;
  /** The run's current `seq`. Only the run's worker raises it. */
  seq: number;
  onLost(): void;
}): RunJournal {
  const { writer, runId, workerId } = options;
  const shedding = createStepShedding(mostPending);
  let { seq } = options;
  let pending: RunEventBody[] = [];
  let listed: readonly ListedCase[] | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let lost = false;

  /** Whether the database has applied a change without being able to acknowledge it. */
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
      while (pending.length > 0 || listed) {
        const events = pending.slice(0, batchSize);
        pending = pending.slice(batchSize);
        const cases = listed;
        listed = undefined;
        await commit({ from: ['running'], ...(cases && { listed: { part, cases } }), events });
      }
    });
    return writing;
  }

  function flushSoon(): void {
    // `writing` keeps a failure, with which `finish` rejects.
    timer ??= setTimeout(() => flush().catch(() => {}), batchMs);
  }

  return {
    record(event) {
      if (lost || shedding.sheds(event, pending.length)) return;
      pending.push(event);
      flushSoon();
    },
    list(cases) {
      if (lost) return;
      listed = cases;
      flushSoon();
    },
    async finish(end) {
      const shed = shedding.describe();
      if (shed) pending.push({ type: 'log', stream: 'stderr', text: shed });
      await flush();
      await commit({ ...end, from: ['running'] });
      return !lost;
    },
  };
}
