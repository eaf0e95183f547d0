import { sql } from 'kysely';
import type { RunEventBody } from '#shared/events.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import { ago } from '#server/db/ago.ts';
import type { Database } from '#server/db/database.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import type { RunRow } from '#server/runs/run-state.ts';
import { decideRun, type EndedPart, type PartEnd } from './decide-run.ts';

export interface PartToEnd {
  runId: string;
  part: number;
  session: string | null;
  /** The part is left alone unless so many entries are stored. */
  acknowledged?: number;
  /** The part is left alone if its reporter has given a sign of life within this time. */
  silentForMs?: number;
}

export interface EndOptions {
  /** Log entries before the end, with indexes of cases in the part. */
  events?: readonly RunEventBody[];
  /** Address of the HTML report; the run's is that of its first part that has one. */
  reportPath?: string | undefined;
}

/**
 * Ends a part, and with the last one its run. Resolves to undefined, with nothing written, if the part is not any more what
 * `of` says.
 */
export async function endPart(
  writer: RunWriter,
  of: PartToEnd,
  end: PartEnd,
  { events = [], reportPath }: EndOptions = {},
): Promise<RunRow | undefined> {
  const { runId, ...part } = of;
  while (true) {
    const { own, others, isCancelled, hasReport } = await findParts(writer.db, of);
    if (!own) return undefined;
    const running = others.filter(({ status }) => status === 'running').length;
    const queued = others.filter(({ status }) => status === 'queued').length;
    // Parts that have not begun are not waited for once somebody has cancelled the run.
    const isLast = running === 0 && (queued === 0 || isCancelled);
    const ended: EndedPart[] = others.filter(({ status }) => isTerminal(status));
    const wasStopped = isCancelled && (end.status !== 'passed' || queued > 0);
    const decided = isLast
      ? decideRun([...ended, { part: of.part, executor: own.executor, ...end }], wasStopped)
      : undefined;
    const run = await commitRun(writer, runId, {
      from: ['running'],
      events,
      ...(reportPath !== undefined && !hasReport && { reportPath }),
      part: { ...part, end, others: { running, queued } },
      ...(decided && {
        to: decided.status,
        errorCode: decided.code,
        errorDetails:
          decided.details ?? (decided.status === 'failed' ? await findFirstFailure(writer.db, runId) : null),
      }),
    });
    // Else another part has begun or ended at the same time, or this one has changed.
    if (run) return run;
  }
}

type PartRow = EndedPart & { isMeant: boolean };

async function findParts(db: Database, { runId, part, session, acknowledged, silentForMs }: PartToEnd) {
  const conditions = [sql`session is not distinct from ${session}`, sql`completed_at is null`];
  if (acknowledged !== undefined) conditions.push(sql`acknowledged = ${acknowledged}`);
  if (silentForMs !== undefined) conditions.push(sql`heartbeat_at < ${ago(silentForMs)}`);
  const { rows: parts } = await sql<PartRow>`
    select part, status, executor, error_code as code, error_details as details,
      ${sql.join(conditions, sql` and `)} as is_meant
    from run_parts where run_id = ${runId} order by part`.execute(db);
  const run = await db
    .selectFrom('runs')
    .select(['cancelRequestedAt', 'reportPath'])
    .where('id', '=', runId)
    .executeTakeFirst();
  return {
    own: parts.find((it) => it.part === part && it.isMeant),
    others: parts.filter((it) => it.part !== part),
    isCancelled: run?.cancelRequestedAt != null,
    hasReport: run?.reportPath != null,
  };
}

/** The error of the first case that has failed and counts. */
async function findFirstFailure(db: Database, runId: string): Promise<string | null> {
  const failure = await db
    .selectFrom('runCases')
    .innerJoin('cases', 'cases.id', 'caseId')
    .select(['title', sql<string | null>`error->>'message'`.as('message')])
    .where('runId', '=', runId)
    .where('status', 'in', ['failed', 'timed_out'] satisfies RunStatus[])
    .where('quarantined', '=', false)
    .orderBy('index')
    .limit(1)
    .executeTakeFirst();
  return failure ? `${failure.title}: ${failure.message ?? 'failed'}` : null;
}
