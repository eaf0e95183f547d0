import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { codeQualityReport } from './code-quality.ts';
import { annotations, stepSummary } from './github.ts';
import { junitReport } from './junit.ts';
import { listResults } from './list-results.ts';
import type { ReportedRun } from './reported-run.ts';

export interface ReportOptions {
  /** Paths of files to write. */
  junit?: string | undefined;
  codeQuality?: string | undefined;
  /** Where the suite's tests stand in the repository, for the names of files. */
  testDir?: string | undefined;
}

/** Writes what the options ask for and, in a job of GitHub Actions, its annotations and its summary. */
export async function writeReports(
  host: Host,
  runlight: Runlight,
  followed: Pick<ReportedRun, 'run' | 'model'>,
  { junit, codeQuality, testDir }: ReportOptions,
  { isQuiet }: { isQuiet: boolean },
): Promise<void> {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = host.env;
  const report: ReportedRun = { ...followed, url: runlight.url, testDir };
  if (GITHUB_ACTIONS === 'true' && !isQuiet) host.stdout.write(annotations(report));
  if (GITHUB_STEP_SUMMARY) await written(appendFile(GITHUB_STEP_SUMMARY, stepSummary(report)), GITHUB_STEP_SUMMARY);
  if (codeQuality !== undefined) await writeWhole(codeQuality, codeQualityReport(report));
  if (junit !== undefined) await writeWhole(junit, junitReport(report, await listResults(runlight, followed.run.id)));
}

async function writeWhole(file: string, content: string): Promise<void> {
  await written(
    (async () => {
      await mkdir(path.dirname(path.resolve(file)), { recursive: true });
      await writeFile(file, content);
    })(),
    file,
  );
}

async function written(writing: Promise<void>, file: string): Promise<void> {
  try {
    await writing;
  } catch (error) {
    throw new CliError(`${file} cannot be written: ${(error as Error).message}`, exitCodes.wrongUse);
  }
}
