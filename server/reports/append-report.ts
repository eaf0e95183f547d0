import type { z } from 'zod';
import { type AppendedReport, type reportInputs, reportLimits } from '#shared/reports.ts';
import { addressOf } from '#server/artifacts/file-address.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import type { ReportDeps } from './begin-report.ts';
import { endPart } from './end-part.ts';
import { checkGap, checkReporter, getReport, type Report, type ReportKey } from './find-report.ts';
import { pathInRun } from './file-path.ts';
import { findSizes, type RunFilesDeps } from './run-files.ts';
import { type PartBefore, type RunEntries, toRunEvents } from './to-run-events.ts';

export type AppendInput = z.infer<typeof reportInputs.append>;

/**
 * Stores the entries of a part that are not stored yet, in one transaction, and resolves to the number of all that are.
 * No entries are a sign of life. Throws CONFLICT if entries are missing before these, if the part is over, or if another
 * reporter has it, and PAYLOAD_TOO_LARGE beyond the limits of a run.
 */
export async function appendReport(deps: ReportDeps, projectId: string, input: AppendInput): Promise<AppendedReport> {
  const { session, after, entries } = input;
  while (true) {
    const report = await getReport(deps.db, projectId, input);
    checkReporter(report, session);
    checkGap(report, after);
    const { acknowledged } = report;
    const fresh = entries.slice(acknowledged - after);
    if (fresh.length === 0 && !report.silent) {
      if (await hearReporter(deps.db, input)) return { acknowledged };
      continue;
    }
    if (acknowledged + fresh.length > reportLimits.entries) refuseEntries();
    const found = toRunEvents(fresh, {
      part: report.part,
      session,
      total: report.isListed ? report.total : null,
      used: report.ofRun,
      limits: deps.limits,
      files: await findFiles(deps, input, fresh),
    });
    const tooMany = tooManyCases(deps, report, found);
    if (tooMany !== undefined) {
      await endPart(
        deps,
        { runId: report.runId, part: report.part, session },
        { status: 'error', code: 'case_limit', details: tooMany },
      );
      throw new AppError('PAYLOAD_TOO_LARGE', tooMany);
    }
    const stored = await commitRun(deps, report.runId, {
      from: ['running'],
      ...(found.listed && { listed: { part: report.part, cases: found.listed } }),
      events: found.events,
      part: {
        part: report.part,
        session,
        acknowledged,
        stored: { entries: fresh.length, usage: found.usage },
        ...(report.silent && { silent: false }),
        ...(found.error !== undefined &&
          report.errorCode === null && { error: { code: 'script_error', details: found.error } }),
      },
    });
    // Else the part has changed meanwhile: the same entries came twice, or it has ended.
    if (stored) return { acknowledged: acknowledged + fresh.length };
  }
}

/** The files that entries name, as they are stored. */
async function findFiles(
  deps: RunFilesDeps,
  { runId, part }: ReportKey,
  entries: AppendInput['entries'],
): Promise<PartBefore['files']> {
  const files = new Map<string, { bytes: number; path: string }>();
  const paths = new Map<string, string>();
  for (const entry of entries) {
    const path = entry.type === 'artifact' ? pathInRun(part, entry.file) : undefined;
    if (entry.type === 'artifact' && path !== undefined) paths.set(entry.file, path);
  }
  const sizes = await findSizes(deps, runId, [...paths.values()]);
  for (const [file, path] of paths) {
    const bytes = sizes.get(path);
    if (bytes !== undefined) files.set(file, { bytes, path: addressOf(runId, path) });
  }
  return files;
}

/** False if the reporter does not have the part any more. */
async function hearReporter(db: Database, { runId, part, session }: ReportKey): Promise<boolean> {
  const heard = await db
    .updateTable('runParts')
    .set((eb) => ({ heartbeatAt: eb.fn<string>('now') }))
    .where('runId', '=', runId)
    .where('part', '=', part)
    .where('session', '=', session)
    .where('completedAt', 'is', null)
    // The end of a silence is a change of the run, which watchers get.
    .where('silent', '=', false)
    .returning('part')
    .executeTakeFirst();
  return heard !== undefined;
}

function refuseEntries(): never {
  throw new AppError(
    'PAYLOAD_TOO_LARGE',
    `A part of a reported run may have ${reportLimits.entries.toLocaleString('en')} entries. Finish it without more.`,
  );
}

function tooManyCases({ limits }: ReportDeps, { ofRun, total, isListed }: Report, { listed }: RunEntries) {
  const cases = ofRun.cases - (isListed ? 0 : total) + (listed?.length ?? 0);
  return listed && cases > limits.cases
    ? `The run has ${cases.toLocaleString('en')} cases, and may have ${limits.cases.toLocaleString('en')} (RUN_MAX_CASES).`
    : undefined;
}
