import { type Insertable, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Trx } from '#server/db/database.ts';
import type { RunsTable } from '#server/db/run-tables.ts';
import { type Actor, nameToShow } from '#server/identity/actor.ts';
import type { CommittedRun } from './publish-run.ts';
import { runColumns, type RunRow } from './run-state.ts';
import { writeLog } from './write-log.ts';
import { findParts } from './write-parts.ts';

type QueuedRun = Omit<
  Insertable<RunsTable>,
  'id' | 'projectId' | 'status' | 'version' | 'seq' | 'activitySeq' | 'triggeredBy'
>;

/**
 * Inserts the row of a run that waits, in its first version. Locks the project's row, so that numbers of its activity become visible in
 * order. What belongs to the run is inserted after it, then `firstChange` makes what is to be published.
 */
export async function insertQueuedRun(trx: Trx, actor: Actor, values: QueuedRun) {
  const { projectId } = actor;
  const { activitySeq } = await trx
    .updateTable('projects')
    .set((eb) => ({ activitySeq: eb('activitySeq', '+', 1) }))
    .where('id', '=', projectId)
    .returning('activitySeq')
    .executeTakeFirstOrThrow();
  return trx
    .insertInto('runs')
    .values({
      ...values,
      id: uuidv7(),
      projectId,
      status: 'queued',
      version: 1,
      seq: 1,
      activitySeq,
      triggeredBy: nameToShow(actor),
    })
    .returning([...runColumns, sql<string>`now()`.as('at')])
    .executeTakeFirstOrThrow();
}

/** Begins the log of a run that was just inserted with its parts. */
export async function firstChange(trx: Trx, run: RunRow & { at: string }): Promise<CommittedRun> {
  const log = await writeLog(trx, run, [{ type: 'status', status: 'queued', errorDetails: null }]);
  return { run, log, visible: true, states: [], parts: await findParts(trx, run.id) };
}
