import type { Insertable } from 'kysely';
import type { Actor } from '#server/identity/actor.ts';
import type { Trx } from '#server/db/database.ts';
import type { RunsTable } from '#server/db/run-tables.ts';
import type { CommitColumns } from './commit-columns.ts';
import { firstChange, insertQueuedRun } from './insert-queued-run.ts';
import type { CommittedRun } from './publish-run.ts';

/** What a run was run of, and the build in the CI. */
export type Build = Pick<
  Insertable<RunsTable>,
  keyof CommitColumns | 'ciProvider' | 'buildId' | 'buildAttempt' | 'buildUrl'
>;

export interface ReportedRun {
  suiteId: string;
  /** Of the suite. */
  name: string;
  trigger: 'ci' | 'cli';
  retryOf: string | null;
  build: Build;
  /** The parts that are expected. */
  parts: readonly number[];
  /** They are not all parts of the suite. */
  partial: boolean;
}

/** Inserts a run that is executed and reported elsewhere. Its parts wait for their reporters. */
export async function insertReportedRun(trx: Trx, actor: Actor, run: ReportedRun): Promise<CommittedRun> {
  const { suiteId, name, trigger, retryOf, build, parts, partial } = run;
  const inserted = await insertQueuedRun(trx, actor, {
    kind: 'suite',
    origin: 'reporter',
    suiteId,
    name,
    trigger,
    retryOf,
    partial,
    ...build,
  });
  await insertWaitingParts(trx, inserted.id, parts);
  return firstChange(trx, inserted);
}

/** Adds parts that wait for their reporters. */
export async function insertWaitingParts(trx: Trx, runId: string, parts: readonly number[]): Promise<void> {
  await trx
    .insertInto('runParts')
    .values(parts.map((part) => ({ runId, part, status: 'queued' as const })))
    .execute();
}
