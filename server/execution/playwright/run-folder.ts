import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CaseChoice } from '#shared/case-choice.ts';
import type { TestSettings } from '#shared/test-settings.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { writableDirs } from '#server/execution/sandbox/sandbox.ts';
import { type Browser, executablesOf, noBrowser } from './browser.ts';
import { browsersScript } from './browsers-script.ts';
import { codeScript } from './compiled-code-script.ts';
import { guardScript } from './guard-script.ts';
import { mainScript } from './main-script.ts';
import { modulesScript } from './modules-script.ts';
import { playwrightModules } from './playwright-modules.ts';
import { playwrightProjects } from './playwright-projects.ts';
import type { ReporterOptions } from './reporter/messages.ts';
import { snapshotsScript } from './snapshots-script.ts';

export interface SpecFile {
  name: string;
  /** Relative to the run's folder. */
  file: string;
  /** The same script under the name of an ES module; undefined if it cannot be one. */
  moduleFile?: string | undefined;
}

export interface Baseline {
  path: string;
  content: Uint8Array;
}

/** A script of a run. */
export interface ScriptToRun {
  /** From 0, without gaps. */
  position: number;
  name: string;
  script: string;
  settings?: TestSettings;
  /** The cases to run. Default: all. */
  choice?: CaseChoice | null;
  /** Accepted baselines, by their path in Playwright's folder of the script's snapshots. */
  baselines?: () => Promise<readonly Baseline[]>;
}

export interface RunFolderOptions {
  /** An empty folder. */
  runDir: string;
  /** The folder's path inside the sandbox. */
  insideDir: string;
  tests: readonly ScriptToRun[];
  browser: Browser | undefined;
  video: boolean;
  limits: Pick<RunLimits, 'shownOutputBytes' | 'outputBytes' | 'cases' | 'shownSteps'>;
  /** The folder of Playwright's compiled code, to use it or to record it. */
  code?: { dir: string; isRecording: boolean } | undefined;
}

/**
 * Writes the files of one run: `specs/`, `node_modules/` with Playwright alone, settings, reporter and programs. Creates
 * `writableDirs`, to which the run may write.
 */
export async function writeRunFolder(options: RunFolderOptions): Promise<SpecFile[]> {
  const { runDir, tests } = options;
  const modulesDir = path.join(runDir, 'node_modules');
  await mkdir(path.join(modulesDir, '@playwright'), { recursive: true });
  await Promise.all(['specs', ...writableDirs].map((name) => mkdir(path.join(runDir, name))));
  const specs = tests.map(specOf);
  const write = (file: string, text: string) => writeFile(path.join(runDir, file), text);
  await Promise.all([
    ...tests.flatMap(({ script, position }) => {
      const { file, moduleFile } = specs[position]!;
      return [file, moduleFile].flatMap((name) => (name === undefined ? [] : [write(name, script)]));
    }),
    ...playwrightModules().map(({ name, dir }) => symlink(dir, path.join(modulesDir, name))),
    write('main.cjs', mainScript),
    write('guard.cjs', guardScript),
    write('browsers.cjs', browsersScript),
    write('modules.cjs', modulesScript),
    write('snapshots.cjs', snapshotsScript),
    write('code.cjs', codeScript),
    write('run.json', JSON.stringify(runSettings(options, specs), null, 2)),
    write('playwright.config.json', JSON.stringify(playwrightConfig(options), null, 2)),
    writeReporter(path.join(runDir, 'reporter')),
  ]);
  // One script after the other, so that not all are in memory at once.
  for (const { position, baselines } of tests)
    if (baselines) await writeBaselines(path.join(runDir, 'baselines', String(position)), await baselines());
  return specs;
}

/** Writes the reporter, and what it shares with that of the package. */
async function writeReporter(dir: string): Promise<void> {
  const shared = './playwright/*.js';
  // TypeScript leaves such specifiers as they are, and Vite does not.
  const imports = { '#shared/playwright/*.ts': shared, '#shared/playwright/*.js': shared };
  await mkdir(path.join(dir, 'playwright'), { recursive: true });
  await Promise.all([
    writeFile(path.join(dir, 'package.json'), JSON.stringify({ type: 'module', imports })),
    copyModules(path.join(import.meta.dirname, 'reporter'), dir),
    copyModules(path.join(import.meta.dirname, '../../../shared/playwright'), path.join(dir, 'playwright')),
  ]);
}

/** Writes the JavaScript of a folder, which is TypeScript in development. */
async function copyModules(from: string, to: string): Promise<void> {
  const files = (await readdir(from)).filter((name) => /(?<!\.test)\.[jt]s$/.test(name));
  await Promise.all(
    files.map(async (name) => {
      const file = path.join(from, name);
      await writeFile(
        path.join(to, `${path.parse(name).name}.js`),
        await javascriptOf(file, await readFile(file, 'utf8')),
      );
    }),
  );
}

async function javascriptOf(file: string, source: string): Promise<string> {
  if (file.endsWith('.js')) return source;
  const { transformWithOxc } = await import('vite');
  return (await transformWithOxc(source, file, { typescript: { rewriteImportExtensions: 'rewrite' } })).code;
}

async function writeBaselines(dir: string, baselines: readonly Baseline[]): Promise<void> {
  for (const { path: name, content } of baselines) {
    const file = path.join(dir, name);
    if (!file.startsWith(`${dir}${path.sep}`)) throw new Error(`not the path of a baseline: ${JSON.stringify(name)}`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** What a script that has to be an ES module contains. Playwright's own compiler decides. */
const mayBeModule = /\bawait\b|\bimport\.meta\b|\b__(?:filename|dirname)\b/;

/** File names sort by position, and contain the name for Playwright's own report. */
function specOf({ position, name, script }: ScriptToRun): SpecFile {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  const file = `specs/${String(position).padStart(3, '0')}-${slug || 'test'}.spec`;
  return { name, file: `${file}.ts`, moduleFile: mayBeModule.test(script) ? `${file}.mts` : undefined };
}

/**
 * The content of `playwright.config.json`, which scripts find as `configFile`. Playwright would compile a configuration of code in
 * every process.
 */
function playwrightConfig({ insideDir, tests }: RunFolderOptions) {
  const inside = (name: string) => path.join(insideDir, name);
  return {
    testDir: inside('specs'),
    outputDir: inside('output/results'),
    snapshotDir: inside('snapshots'),
    // Each project has its own limit, so scripts run one after the other unless one of them has more.
    workers: Math.max(...tests.map(({ settings }) => settings?.workers ?? 1)),
  };
}

/** The content of `run.json`. `config` has the form of Playwright's overrides by its command line. */
function runSettings({ insideDir, browser, video, limits, code, tests }: RunFolderOptions, specs: SpecFile[]) {
  const inside = (name: string) => path.join(insideDir, name);
  const reporterOptions: ReporterOptions = {
    outputDir: inside('output'),
    tests: specs.map(({ name, file }) => ({ name, file: inside(file) })),
    shownOutputBytes: limits.shownOutputBytes,
    outputBytes: limits.outputBytes,
    cases: limits.cases,
    shownSteps: limits.shownSteps,
    noBrowser: browser === undefined ? noBrowser : undefined,
    choosesCases: tests.some(({ choice }) => choice != null),
  };
  const projects = playwrightProjects(
    tests.map(({ settings = {} }) => ({ settings })),
    { trace: 'retain-on-failure', screenshot: 'only-on-failure', video: video ? 'on' : 'off' },
  );
  return {
    location: { configDir: insideDir, resolvedConfigFile: inside('playwright.config.json') },
    config: { additionalReporters: [['html', { open: 'never', outputFolder: inside('output/report') }]] },
    projects,
    scripts: specs.map(({ name, file, moduleFile }, position) => ({
      name,
      files: [inside(file), ...(moduleFile === undefined ? [] : [inside(moduleFile)])],
      use: projects.find(({ positions }) => positions.includes(position))?.use,
    })),
    browsers: { executables: executablesOf(browser), none: noBrowser, noVideo: '/bin/true' },
    reporter: inside('reporter/reporter.js'),
    reporterOptions,
    code: code && { ...code, packages: playwrightModules() },
  };
}
