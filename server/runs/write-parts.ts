import { sql } from 'kysely';
import type { RunEventBody } from '#shared/events.ts';
import type { PartState } from '#shared/run-cases.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import { ago } from '#server/db/ago.ts';
import { asText } from '#server/db/as-text.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { storableText } from '#server/lib/storable-text.ts';

/** UTF-16 units. */
export const maxErrorDetails = 64 * 1024;

/** The amounts that entries of a reported part add to the usage of its run's limits. */
export interface PartUsage {
  steps: number;
  outputChars: number;
  textChars: number;
  irregular: number;
}

/** A change of one part of a suite's run. It is refused if the part has ended. */
export interface PartChange {
  /** From 0. */
  part: number;
  /** The change is refused unless this reporter has the part; null: unless none has had it. */
  session: string | null;
  /** The change is refused unless so many entries of the part are stored. */
  acknowledged?: number;
  /** The change is refused if the reporter has given a sign of life within this time. */
  silentForMs?: number;
  /** The change is refused unless so many other parts run or wait. */
  others?: { running: number; queued: number };
  /** This reporter has the part from now on, and begins it anew. */
  begin?: { session: string; executor: string | null; workerId?: string };
  /** The part has no reporter any more, and waits again. */
  requeue?: true;
  /** Entries that the change stores: a sign of life of the reporter. */
  stored?: { entries: number; usage: PartUsage };
  silent?: boolean;
  /** An error outside of cases; the first one stays. */
  error?: { code: string; details: string };
  /** Cases of the part that were running become `interrupted`, cases that were pending `skipped`. */
  end?: { status: RunStatus; code: string | null; details: string | null };
}

export interface ChangedPart {
  /** Index in the run of the part's first case. */
  firstIndex: number;
  /** Entry for the log. */
  event: Extract<RunEventBody, { type: 'part' }>;
}

/** Whether watchers see more of the change than log entries. */
export function isVisible({ begin, requeue, silent, error, end }: PartChange): boolean {
  return [begin, requeue, silent, error, end].some((change) => change !== undefined);
}

/** Values of a part that begins again. */
const anew = { acknowledged: 0, casesHash: null, errorCode: null, errorDetails: null, phases: '[]' } as const;

/** Undefined, with nothing written, when the change is refused. */
export async function changePart(trx: Trx, runId: string, change: PartChange): Promise<ChangedPart | undefined> {
  const { part, session, others, begin, requeue, stored, error, end } = change;
  const now = sql<string>`now()`;
  const countOthers = (status: RunStatus) => sql<number>`(
    select count(*) from run_parts as other where other.run_id = ${runId} and other.part <> ${part} and other.status = ${status})`;
  const row = await trx
    .updateTable('runParts')
    .set((eb) => ({
      ...(begin && {
        ...anew,
        session: begin.session,
        executor: begin.executor,
        workerId: begin.workerId ?? null,
        status: 'running',
        attempt: eb('attempt', '+', 1),
        startedAt: now,
      }),
      ...(requeue && {
        ...anew,
        session: null,
        executor: null,
        workerId: null,
        status: 'queued',
        startedAt: null,
        heartbeatAt: null,
      }),
      ...(stored && {
        acknowledged: eb('acknowledged', '+', stored.entries),
        steps: eb('steps', '+', stored.usage.steps),
        outputChars: eb('outputChars', '+', stored.usage.outputChars),
        textChars: eb('textChars', '+', stored.usage.textChars),
        irregular: eb('irregular', '+', stored.usage.irregular),
      }),
      ...((begin ?? stored) && { heartbeatAt: now, silent: false }),
      ...(change.silent !== undefined && { silent: change.silent }),
      ...(error && {
        errorCode: sql<string>`coalesce(error_code, ${error.code})`,
        errorDetails: sql<string>`coalesce(error_details, ${storableText(error.details, maxErrorDetails)})`,
      }),
      ...(end && {
        status: end.status,
        completedAt: now,
        errorCode: end.code,
        errorDetails: end.details && storableText(end.details, maxErrorDetails),
        silent: false,
      }),
    }))
    .where('runId', '=', runId)
    .where('part', '=', part)
    .where('completedAt', 'is', null)
    .where('session', session === null ? 'is' : '=', session)
    .$if(change.acknowledged !== undefined, (query) => query.where('acknowledged', '=', change.acknowledged!))
    .$if(change.silentForMs !== undefined, (query) => query.where('heartbeatAt', '<', ago(change.silentForMs!)))
    .$if(others !== undefined, (query) =>
      query.where(countOthers('running'), '=', others!.running).where(countOthers('queued'), '=', others!.queued),
    )
    .returning(['status', 'total', 'firstIndex', 'executor'])
    .executeTakeFirst();
  if (!row) return undefined;
  const { firstIndex, status, total, executor } = row;
  return { firstIndex, event: { type: 'part', part, status, total: begin ? 0 : total, executor } };
}

/** Entries of a part with indexes of cases in the run instead of in the part. `firstIndex`: that of the part's first case. */
export function inRun(events: RunEventBody[], firstIndex = 0): RunEventBody[] {
  if (firstIndex === 0) return events;
  return events.map((event) => {
    if (event.type === 'case') return { ...event, index: event.index + firstIndex };
    if (!('caseIndex' in event) || event.caseIndex == null) return event;
    return { ...event, caseIndex: event.caseIndex + firstIndex };
  });
}

/** Stores the phases that parts begin, and adds the state of the parts to the entries. A phase begins once. */
export async function beginPhases(trx: Trx, runId: string, events: RunEventBody[]): Promise<RunEventBody[]> {
  const written: RunEventBody[] = [];
  for (const event of events) {
    if (event.type !== 'part' || !event.phase) {
      written.push(event);
      continue;
    }
    const { rows } = await sql<{ total: number; executor: string | null }>`
      update run_parts set phases = phases || jsonb_build_object('phase', ${event.phase}::text, 'at', ${asText(sql`now()`)})
      where run_id = ${runId} and part = ${event.part} and completed_at is null
        and not phases @> jsonb_build_array(jsonb_build_object('phase', ${event.phase}::text))
      returning total, executor`.execute(trx);
    if (rows[0]) written.push({ ...event, ...rows[0] });
  }
  return written;
}

/** Gives the parts of a run its new status. A part that has ended does not change again. */
export async function writeParts(trx: Trx, runId: string, to: RunStatus, workerId: string | undefined): Promise<void> {
  await trx
    .updateTable('runParts')
    .set({
      status: to,
      ...(to === 'running' && { startedAt: sql<string>`now()` }),
      ...(isTerminal(to) && { completedAt: sql<string>`now()` }),
      ...(workerId !== undefined && {
        executor: sql<string>`coalesce((select host from workers where id = ${workerId}), ${workerId})`,
      }),
    })
    .where('runId', '=', runId)
    .where('completedAt', 'is', null)
    .execute();
}

export function findParts(db: Database, runId: string): Promise<PartState[]> {
  return db
    .selectFrom('runParts')
    .innerJoin('runs', 'runs.id', 'runParts.runId')
    .select([
      'part',
      'runParts.status',
      'runParts.total',
      'firstIndex',
      'casesHash',
      'executor',
      'runParts.startedAt',
      'runParts.completedAt',
      'runParts.silent',
      'runParts.phases',
      'runParts.errorCode',
      'runParts.errorDetails',
      // The worker of a test or job writes its heartbeat to the run.
      sql<string | null>`case runs.kind when 'suite' then run_parts.heartbeat_at else runs.heartbeat_at end`.as(
        'heartbeatAt',
      ),
    ])
    .where('runId', '=', runId)
    .orderBy('part')
    .execute();
}
