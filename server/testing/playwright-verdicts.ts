import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JSONReport, JSONReportSuite } from '@playwright/test/reporter';
import type { RunEventBody } from '#shared/events.ts';
import type { TestSettings } from '#shared/test-settings-schema.ts';
import { playwrightProjects } from '#server/execution/playwright/playwright-projects.ts';
import { executeScripts } from './execute-scripts.ts';

/** What became of a case: its outcome, and the status of each attempt. */
export type Verdict = string;

export interface Verdicts {
  passed: boolean;
  /** By file and title. */
  cases: Record<string, Verdict>;
}

/** A spec file, and the settings of its project. Neighbours with the same settings share a project. */
export interface Spec {
  text: string;
  settings: TestSettings;
}

/** Runs the files with `npx playwright test`, and takes the verdicts from its JSON report and exit code. */
export async function verdictsOfPlaywright(files: readonly Spec[]): Promise<Verdicts> {
  const [verdicts] = await playwrightVerdicts(files, [[]]);
  return verdicts!;
}

/** Runs `npx playwright test`, and then those that failed again (`--last-failed`); the verdicts of both. */
export async function verdictsOfLastFailed(files: readonly Spec[]): Promise<[first: Verdicts, again: Verdicts]> {
  const [first, again] = await playwrightVerdicts(files, [[], ['--last-failed']]);
  return [first!, again!];
}

/** Verdicts of one run after the other, each with its options. */
async function playwrightVerdicts(files: readonly Spec[], runs: readonly string[][]): Promise<Verdicts[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'runlight-verdicts-'));
  try {
    await mkdir(path.join(dir, 'specs'));
    await symlink(path.resolve('node_modules'), path.join(dir, 'node_modules'));
    const config = {
      testDir: 'specs',
      workers: Math.max(...files.map(({ settings }) => settings.workers ?? 1)),
      reporter: [['json', { outputFile: 'report.json' }]],
      projects: playwrightProjects(files, {}).map(({ positions, ...project }) => ({
        ...project,
        testMatch: positions.map((position) => `**/${fileOf(position)}`),
      })),
    };
    await writeFile(path.join(dir, 'playwright.config.ts'), `export default ${JSON.stringify(config)};`);
    for (const [index, { text }] of files.entries()) await writeFile(path.join(dir, 'specs', fileOf(index)), text);
    const cli = path.resolve('node_modules/@playwright/test/cli.js');
    const verdicts: Verdicts[] = [];
    for (const options of runs) {
      const child = spawn(process.execPath, [cli, 'test', ...options], {
        cwd: dir,
        stdio: 'ignore',
        env: { PATH: process.env.PATH },
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      const report = JSON.parse(await readFile(path.join(dir, 'report.json'), 'utf8')) as JSONReport;
      const cases = Object.fromEntries(report.suites.flatMap((suite) => casesIn(suite, [])));
      verdicts.push({ passed: code === 0, cases });
    }
    return verdicts;
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Whether an attempt passed or failed depends on what was expected of it, which a later attempt can change in the report. */
const attemptVerdicts = {
  passed: 'ended',
  failed: 'ended',
  timedOut: 'timed_out',
  skipped: 'skipped',
  interrupted: 'interrupted',
};

function casesIn(suite: JSONReportSuite, path: string[]): [string, Verdict][] {
  const titles = [...path, suite.title];
  const own = suite.specs.flatMap(({ title, tests }) =>
    tests.map(({ status, expectedStatus, results }): [string, Verdict] => {
      const deciding = results.findLast((it) => it.status !== expectedStatus && it.status !== 'skipped');
      const outcome = {
        expected: 'passed',
        flaky: 'flaky',
        unexpected: deciding?.status === 'timedOut' ? 'timed_out' : 'failed',
        // As Playwright's terminal reporters count.
        skipped: results.length > 0 && expectedStatus === 'skipped' ? 'skipped' : 'did not run',
      }[status];
      const attempts = results.map((result) => attemptVerdicts[result.status ?? 'skipped']);
      return [[...titles, title].join(' › '), `${outcome}: ${attempts.join(', ')}`];
    }),
  );
  return [...own, ...(suite.suites ?? []).flatMap((inner) => casesIn(inner, titles))];
}

/** Runs the same files as scripts of one run of Runlight. */
export async function verdictsOfRunlight(files: readonly Spec[]): Promise<Verdicts> {
  const scripts = Object.fromEntries(
    files.map(({ text, settings }, index) => [fileOf(index), { script: text, settings }]),
  );
  await using run = await executeScripts(scripts);
  const last = new Map<number, Extract<RunEventBody, { type: 'case' }>>();
  const attempts = new Map<number, string[]>();
  for (const event of run.events) {
    if (event.type === 'case') last.set(event.index, event);
    if (event.type !== 'step' || event.category !== 'case' || event.status === 'running') continue;
    const verdict = event.status === 'passed' || event.status === 'failed' ? 'ended' : event.status;
    attempts.set(event.caseIndex!, [...(attempts.get(event.caseIndex!) ?? []), verdict]);
  }
  const cases = [...last.values()].map(({ index, position, title, status, flaky, duration, attempt }) => {
    const outcome = flaky ? 'flaky' : status === 'skipped' && duration === null ? 'did not run' : status;
    const list = attempts.get(index) ?? [];
    const verdict =
      list.length === attempt + 1 ? list.join(', ') : `${attempt + 1} attempts of which ${list.length} have ended`;
    return [`${fileOf(position!)} › ${title}`, `${outcome}: ${verdict}`];
  });
  return { passed: run.outcome.status === 'passed', cases: Object.fromEntries(cases) };
}

function fileOf(index: number): string {
  return `${String(index).padStart(3, '0')}-file.spec.ts`;
}
