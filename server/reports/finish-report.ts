import type { z } from 'zod';
import type { FinishedReport, reportInputs } from '#shared/reports.ts';
import type { RunEventBody } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { addressOf } from '#server/artifacts/file-address.ts';
import type { Database } from '#server/db/database.ts';
import { countCases } from '#server/runs/case-counts.ts';
import type { ReportDeps } from './begin-report.ts';
import { decidePart, type PartEnd } from './decide-run.ts';
import { endPart } from './end-part.ts';
import { pathInRun } from './file-path.ts';
import { findSizes, type RunFilesDeps } from './run-files.ts';
import { checkGap, checkReporter, getReport, type Report } from './find-report.ts';

export type FinishInput = z.infer<typeof reportInputs.finish>;

/**
 * Ends a part as its reporter says, and with the last one its run. The same again changes nothing. Throws CONFLICT if
 * entries are missing, if the part was ended otherwise, or if another reporter has it. `decided`: what a worker knows better.
 */
export async function finishReport(
  deps: ReportDeps,
  projectId: string,
  input: FinishInput,
  decided?: PartEnd,
): Promise<FinishedReport> {
  const { runId, part, session, after } = input;
  while (true) {
    const report = await getReport(deps.db, projectId, input);
    if (isFinished(report, session)) return { status: report.runStatus };
    checkReporter(report, session);
    checkGap(report, after);
    const end =
      decided ??
      decidePart({
        playwright: input.status,
        error: report.errorCode === null ? null : report.errorDetails,
        isCancelled: report.cancelRequestedAt !== null,
        ...(await countFailures(deps.db, report)),
      });
    const { acknowledged } = report;
    const html = await findHtmlReport(deps, input);
    const run = await endPart(deps, { runId, part, session, acknowledged }, end, {
      events: [...lastWords(report, input), ...(html ? [html] : [])],
      reportPath: html?.path,
    });
    // Else entries have come meanwhile, or the part was ended.
    if (run) return { status: run.status };
  }
}

/** The reporter has finished the part before. */
function isFinished({ session, status, errorCode }: Report, by: string): boolean {
  return session === by && isTerminal(status) && errorCode !== 'reporter_lost' && errorCode !== 'case_limit';
}

async function countFailures(db: Database, { runId, part }: Report) {
  const { failed, quarantined } = await countCases(db, runId, { part });
  return { failed, quarantined };
}

/** The HTML report of the part; undefined if it was not sent. */
async function findHtmlReport(deps: RunFilesDeps, { runId, part, report }: FinishInput) {
  const path = report == null ? undefined : pathInRun(part, report);
  const bytes = path === undefined ? undefined : (await findSizes(deps, runId, [path])).get(path);
  if (path === undefined || bytes === undefined) return undefined;
  const name = part === 0 ? 'Report' : `Report of part ${part + 1}`;
  return {
    type: 'artifact',
    kind: 'report',
    path: addressOf(runId, path),
    name,
    bytes,
    contentType: 'text/html',
  } as const satisfies RunEventBody;
}

function lastWords({ irregular }: Report, { undelivered }: FinishInput): RunEventBody[] {
  const lines = [
    irregular > 0 &&
      `The reporter sent ${irregular} irregular entries, such as of unknown cases; they were left out.\n`,
    undelivered != null && `The reporter could not deliver everything: ${undelivered}\n`,
  ].filter((line) => line !== false);
  return lines.map((text) => ({ type: 'log', stream: 'stderr', text }));
}
