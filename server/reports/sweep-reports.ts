import { sql } from 'kysely';
import { runCancelChannel } from '#shared/channels.ts';
import { reportLostMs, reportSilentMs } from '#shared/report-limits.ts';
import { ago } from '#server/db/ago.ts';
import type { Database } from '#server/db/database.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import { endPart } from './end-part.ts';

export interface ReportSweepOptions {
  /** Time for which reporters could reach Runlight without a break, in ms. */
  trustedMs: number;
  /** A run ends when its other parts have not begun for this long after the last sign of life of any part. */
  partsTimeoutMs: number;
}

/**
 * Tells watchers when the reporter or worker of a part is silent. Ends parts that have lost their reporter, and runs when parts have
 * not begun in time. Reporters are silent, too, while Runlight is away: that time does not count.
 */
export async function sweepReports(deps: RunWriter, { trustedMs, partsTimeoutMs }: ReportSweepOptions): Promise<void> {
  if (trustedMs > reportSilentMs) await markSilentParts(deps);
  await unmarkHeardParts(deps);
  if (trustedMs <= reportLostMs) return;
  await endLostParts(deps);
  await endRunsWithoutParts(deps, partsTimeoutMs);
}

interface SilentPart {
  runId: string;
  part: number;
  session: string;
  executor: string | null;
  isCancelled: boolean;
}

/** Parts without a sign of life for so long. */
async function findSilentParts(db: Database, silentForMs: number, which: 'reported' | 'unmarked') {
  const { rows } = await sql<SilentPart>`
    select run_id, part, session, executor, run.cancel_requested_at is not null as is_cancelled
    from run_parts join runs as run on run.id = run_id
    where run.kind = 'suite' and session is not null and run_parts.completed_at is null and run_parts.heartbeat_at < ${ago(silentForMs)}
      and ${which === 'unmarked' ? sql`not silent` : sql`run.origin = 'reporter'`}
    order by run_id, part limit 1000`.execute(db);
  return rows;
}

async function markSilentParts(deps: RunWriter): Promise<void> {
  for (const { runId, part, session } of await findSilentParts(deps.db, reportSilentMs, 'unmarked'))
    await commitRun(deps, runId, {
      from: ['running'],
      part: { part, session, silentForMs: reportSilentMs, silent: true },
    });
}

/** Ends the silence of parts with a new sign of life. A reporter's call does so itself; a worker's heartbeat does not. */
async function unmarkHeardParts(deps: RunWriter): Promise<void> {
  const heard = await deps.db
    .selectFrom('runParts')
    .select(['runId', 'part', 'session'])
    .where('silent', '=', true)
    .where('completedAt', 'is', null)
    .where('heartbeatAt', '>', ago(reportSilentMs))
    .execute();
  for (const { runId, part, session } of heard)
    await commitRun(deps, runId, { from: ['running'], part: { part, session, silent: false } });
}

async function endLostParts(deps: RunWriter): Promise<void> {
  for (const { runId, part, session, executor, isCancelled } of await findSilentParts(
    deps.db,
    reportLostMs,
    'reported',
  )) {
    const ended = await endPart(
      deps,
      { runId, part, session, silentForMs: reportLostMs },
      {
        status: isCancelled ? 'cancelled' : 'error',
        code: 'reporter_lost',
        details: `Nothing was heard of the reporter${executor === null ? '' : ` on ${executor}`} for ${reportLostMs / 1_000} s: its process or machine is gone, or cannot reach Runlight.`,
      },
    );
    // This stops the reporter if it is still there.
    if (ended) deps.publisher.publish([{ channel: runCancelChannel(runId), message: '{}' }]);
  }
}

async function endRunsWithoutParts(deps: RunWriter, timeoutMs: number): Promise<void> {
  const { rows } = await sql<{ runId: string; missing: number[]; total: number }>`
    select run.id as run_id, array_agg(part order by part) filter (where part.status = 'queued') as missing,
      count(*)::int as total
    from runs as run join run_parts as part on part.run_id = run.id
    where run.status = 'running' and run.origin = 'reporter'
    group by run.id
    having not bool_or(part.status = 'running') and bool_or(part.status = 'queued')
      and max(coalesce(part.completed_at, part.heartbeat_at, run.queued_at)) < ${ago(timeoutMs)}`.execute(deps.db);
  for (const { runId, missing, total } of rows) {
    const details = `${nameParts(missing)} of ${total} never began: nothing was heard of any part for ${describe(timeoutMs)} (REPORT_PARTS_TIMEOUT_MS).`;
    const end = { status: 'error', code: 'parts_missing', details } as const;
    await commitRun(deps, runId, {
      from: ['running'],
      part: { part: missing[0]!, session: null, end, others: { running: 0, queued: missing.length - 1 } },
      to: end.status,
      errorCode: end.code,
      errorDetails: details,
    });
  }
}

const mostNamed = 10;

/** Names of parts, counted from 1. */
function nameParts(parts: readonly number[]): string {
  const names = parts.slice(0, mostNamed).map((part) => String(part + 1));
  if (parts.length > mostNamed) names.push(`${parts.length - mostNamed} more`);
  return names.length === 1 ? `Part ${names[0]}` : `Parts ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function describe(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${ms / 1_000} s`;
}
