import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { ReportEntry } from '#shared/reports.ts';
import { installEnvironment } from '#server/config/install-environment.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { playwrightModules } from '#server/execution/playwright/playwright-modules.ts';
import { createSupervisor } from '#server/execution/sandbox/supervisor.ts';
import { bubblewrap } from '#server/execution/sandbox/sandbox.ts';
import { executeSuite, type ExecuteSuiteOptions } from '#server/execution/suites/execute-suite.ts';
import { suiteReporter } from '#server/execution/suites/suite-reporter.ts';
import type { SuiteOutcome } from '#server/execution/suites/suite-outcome.ts';

const run = promisify(execFile);

/** A suite on this machine, with its packages, as its authors have it. */
export interface WrittenSuite extends AsyncDisposable {
  dir: string;
  bundleFile: string;
  /** Counts of `npx playwright test`, and its exit code. */
  runHere(config: string, args?: string[]): Promise<{ counts: Record<string, number>; code: number | null }>;
}

/** A suite of npm with its config in the root. */
export const npmBundle = {
  hash: '0',
  dir: '',
  config: 'playwright.config.ts',
  packageManager: 'npm',
  lockFile: 'package-lock.json',
} as const;

export type Links = Record<string, string>;

/** Writes files, and the links of `links`, and packs them as `runlight push` does. `prepare` runs in the folder before that. */
export async function writeSuite(
  files: Readonly<Record<string, string>>,
  options: { prepare?: readonly string[]; links?: Links } = {},
): Promise<WrittenSuite> {
  const base = await mkdtemp(path.join(os.tmpdir(), 'runlight-suite-'));
  const dir = path.join(base, 'suite');
  await mkdir(dir);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), content);
  }
  for (const [name, target] of Object.entries(options.links ?? {})) await symlink(target, path.join(dir, name));
  for (const command of options.prepare ?? []) await run('sh', ['-c', command], { cwd: dir });
  const bundleFile = path.join(base, 'bundle.tar.gz');
  await run('tar', [
    '-czf',
    bundleFile,
    '--mtime=@0',
    '--exclude=node_modules',
    '--exclude=.yarn/cache',
    '-C',
    dir,
    '.',
  ]);
  return {
    dir,
    bundleFile,
    async runHere(config, args = []) {
      const folder = path.join(dir, path.dirname(config));
      const command = [
        'node_modules/.bin/playwright',
        'test',
        '--reporter=json',
        `--config=${path.basename(config)}`,
        ...args,
      ];
      const child = spawn('npx', ['--no-install', 'playwright', ...command.slice(1)], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          HOME: base,
          CI: '1',
          PLAYWRIGHT_BROWSERS_PATH: await browsersAt(path.join(base, 'browsers')),
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      const { stats } = JSON.parse(output.slice(output.indexOf('{'))) as { stats: Record<string, number> };
      const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = stats;
      return { counts: { expected, unexpected, flaky, skipped }, code: code as number | null };
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}

/** The Chromium of this machine where the Playwright of this repository looks for its own. */
export async function browsersAt(dir: string): Promise<string> {
  const core = path.join(playwrightModules().find(({ name }) => name === 'playwright-core')!.dir, 'browsers.json');
  const { browsers } = JSON.parse(await readFile(core, 'utf8')) as { browsers: { name: string; revision: string }[] };
  const { revision } = browsers.find(({ name }) => name === 'chromium-headless-shell')!;
  const shell = path.join(dir, `chromium_headless_shell-${revision}/chrome-headless-shell-linux64`);
  await mkdir(shell, { recursive: true });
  await symlink(findBrowser({})!.executablePath, path.join(shell, 'chrome-headless-shell')).catch(() => {});
  return dir;
}

export interface ExecutedSuite {
  outcome: SuiteOutcome;
  entries: ReportEntry[];
  /** Content by name. */
  files: Map<string, Buffer>;
  /** The log, without that of cases. */
  log: string;
  counts: Record<string, number>;
  /** What the run has left behind. */
  left: string[];
}

export type Overrides = Partial<ExecuteSuiteOptions> &
  Pick<ExecuteSuiteOptions, 'bundle' | 'bundleFile' | 'installsDir'>;

/** Executes a suite as a worker does. */
export async function executed(overrides: Overrides): Promise<ExecutedSuite> {
  const runDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
  const entries: ReportEntry[] = [];
  const files = new Map<string, Buffer>();
  using supervisor = createSupervisor();
  try {
    const outcome = await executeSuite({
      runId: randomUUID(),
      projectId: 'project',
      runDir,
      options: {},
      shard: null,
      timeoutMs: 600_000,
      graceMs: 600_000,
      signal: new AbortController().signal,
      onFile: async ({ file, path: from }) => void files.set(file, await readFile(from)),
      env: {},
      sandbox: bubblewrap(),
      browser: findBrowser({}),
      supervisor,
      installEnv: installEnvironment(),
      installsBytes: 1e9,
      browsersDir: '/nonexistent',
      ownBrowsers: [],
      reporterFile: suiteReporter(),
      ...overrides,
      onEntries: async (added) => {
        entries.push(...added);
        await overrides.onEntries?.(added);
      },
    });
    const log = entries.map((it) => (it.type === 'log' && it.caseIndex == null ? it.text : '')).join('');
    const left = await readdir(path.join(runDir, 'taken')).catch(() => []);
    return { outcome, entries, files, log, counts: countsOf(entries), left };
  } finally {
    await rm(runDir, { recursive: true, force: true });
  }
}

/** As Playwright counts. */
function countsOf(entries: readonly ReportEntry[]): Record<string, number> {
  const counts = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
  const total = entries.flatMap((it) => (it.type === 'cases' ? it.cases : [])).length;
  const last = new Map(entries.flatMap((it) => (it.type === 'case' ? [[it.index, it] as const] : [])));
  for (let index = 0; index < total; index++) {
    const found = last.get(index);
    if (!found || found.status === 'skipped') counts.skipped += 1;
    else if (found.status !== 'passed') counts.unexpected += 1;
    else if (found.flaky) counts.flaky += 1;
    else counts.expected += 1;
  }
  return counts;
}
