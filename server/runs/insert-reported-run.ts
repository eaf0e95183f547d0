import { type Insertable, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { type Actor, nameToShow } from '#server/identity/actor.ts';
import type { Trx } from '#server/db/database.ts';
import type { RunsTable } from '#server/db/run-tables.ts';
import type { CommitColumns } from './commit-columns.ts';
import type { CommittedRun } from './publish-run.ts';
import { nextActivitySeq } from './next-activity-seq.ts';
import { runColumns } from './run-state.ts';
import { writeLog } from './write-log.ts';
import { findParts } from './write-parts.ts';

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
  const activitySeq = await nextActivitySeq(trx, actor.projectId);
  const inserted = await trx
    .insertInto('runs')
    .values({
      id: uuidv7(),
      projectId: actor.projectId,
      kind: 'suite',
      origin: 'reporter',
      suiteId,
      name,
      status: 'queued',
      version: 1,
      seq: 1,
      activitySeq,
      trigger,
      triggeredBy: nameToShow(actor),
      retryOf,
      partial,
      ...build,
    })
    .returning([...runColumns, sql<string>`now()`.as('at')])
    .executeTakeFirstOrThrow();
  await insertWaitingParts(trx, inserted.id, parts);
  const log = await writeLog(trx, inserted, [{ type: 'status', status: 'queued', errorDetails: null }]);
  return { run: inserted, log, visible: true, states: [], parts: await findParts(trx, inserted.id) };
}

/** Adds parts that wait for their reporters. */
export async function insertWaitingParts(trx: Trx, runId: string, parts: readonly number[]): Promise<void> {
  await trx
    .insertInto('runParts')
    .values(parts.map((part) => ({ runId, part, status: 'queued' as const })))
    .execute();
}
