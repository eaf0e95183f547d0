import { sql } from 'kysely';
import { reportLostMs } from '#shared/reports.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { runNotFound } from '#server/runs/queries.ts';
import { refusal } from './refusal.ts';

export interface ReportKey {
  runId: string;
  part: number;
  session: string;
}

/** A part of a suite's run as it is now, whether a reporter or a worker of ours has it. */
export interface Report {
  runId: string;
  part: number;
  runStatus: RunStatus;
  cancelRequestedAt: string | null;
  cancelRequestedBy: string | null;
  status: RunStatus;
  session: string | null;
  executor: string | null;
  acknowledged: number;
  /** Playwright has listed the cases. */
  isListed: boolean;
  /** Cases of the part. */
  total: number;
  silent: boolean;
  errorCode: string | null;
  errorDetails: string | null;
  irregular: number;
  /** What all parts of the run use of its limits. */
  ofRun: { cases: number; steps: number; outputChars: number; textChars: number; files: number; fileBytes: number };
}

/** Throws NOT_FOUND for a run that is not the project's, is not of a suite, or does not have the part. */
export async function getReport(db: Database, projectId: string, { runId, part }: ReportKey): Promise<Report> {
  const { rows } = await sql<Report>`
    select run.id as run_id, own.part, run.status as run_status, run.cancel_requested_at, run.cancel_requested_by,
      own.status, own.session, own.executor, own.acknowledged, own.cases_hash is not null as is_listed, own.total,
      own.silent, own.error_code, own.error_details, own.irregular, (
        select json_build_object('cases', sum(total), 'steps', sum(steps), 'outputChars', sum(output_chars),
          'textChars', sum(text_chars), 'files', sum(files), 'fileBytes', sum(file_bytes))
        from run_parts where run_id = run.id
      ) as of_run
    from runs as run join run_parts as own on own.run_id = run.id
    where run.id = ${runId} and run.project_id = ${projectId} and run.kind = 'suite' and own.part = ${part}`.execute(
    db,
  );
  return rows[0] ?? runNotFound(runId);
}

/** Throws CONFLICT if the part is over, or if another reporter has it. */
export function checkReporter(report: Report, session: string): void {
  const { session: owner, executor, part } = report;
  if (owner !== session)
    throw new AppError(
      'CONFLICT',
      owner === null
        ? `No reporter has begun part ${part + 1} of the run: call reports.begin.`
        : `Part ${part + 1} of the run has been taken over by another reporter (${executor ?? 'of unknown name'}), since this one was silent.`,
      refusal({ reason: owner === null ? 'over' : 'taken' }),
    );
  if (isTerminal(report.status)) throw new AppError('CONFLICT', whyOver(report), refusal({ reason: 'over' }));
}

function whyOver({ part, runStatus, errorCode, errorDetails, cancelRequestedBy }: Report): string {
  const which = `Part ${part + 1} of the run is over`;
  if (errorCode === 'reporter_lost')
    return `${which}: nothing was heard of its reporter for ${reportLostMs / 1_000} s.`;
  if (errorCode !== null) return `${which}: ${errorDetails ?? errorCode}`;
  if (runStatus === 'cancelled' && cancelRequestedBy !== null)
    return `${which}: ${cancelRequestedBy} cancelled the run.`;
  return `${which}; nothing is added to it any more.`;
}

/** Throws CONFLICT, with the number of stored entries, if some are missing before `after`. */
export function checkGap({ acknowledged }: Report, after: number): void {
  if (after > acknowledged)
    throw new AppError(
      'CONFLICT',
      `Entries are missing: ${acknowledged} are stored, and these come after ${after}. Send those after ${acknowledged} first.`,
      refusal({ reason: 'gap', acknowledged }),
    );
}
