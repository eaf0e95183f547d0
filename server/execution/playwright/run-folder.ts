import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from './browser.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { codeScript } from './compiled-code-script.ts';
import { guardScript } from './guard-script.ts';
import { mainScript } from './main-script.ts';
import { playwrightModules } from './playwright-modules.ts';
import type { ReporterOptions } from './reporter/messages.ts';
import { noBrowser } from './run-outcome.ts';
import { writableDirs } from '#server/execution/sandbox/sandbox.ts';

export interface SpecFile {
  name: string;
  /** Relative to the run's folder. */
  file: string;
}

export interface RunFolderOptions {
  /** An empty folder. */
  runDir: string;
  /** The folder's path inside the sandbox. */
  insideDir: string;
  tests: readonly { position: number; name: string; script: string }[];
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
  const specs = tests.map(({ position, name }) => ({ name, file: specFile(position, name) }));
  const write = (file: string, text: string) => writeFile(path.join(runDir, file), text);
  await Promise.all([
    ...tests.map(({ script }, index) => write(specs[index]!.file, script)),
    ...playwrightModules().map(({ name, dir }) => symlink(dir, path.join(modulesDir, name))),
    write('main.cjs', mainScript),
    write('guard.cjs', guardScript),
    write('code.cjs', codeScript),
    write('run.json', JSON.stringify(runSettings(options, specs), null, 2)),
    copyReporter(path.join(runDir, 'reporter')),
  ]);
  return specs;
}

/** Writes the JavaScript of `reporter/`, which is TypeScript in development. */
async function copyReporter(dir: string): Promise<void> {
  const sourceDir = path.join(import.meta.dirname, 'reporter');
  const isModule = (name: string) => /\.[jt]s$/.test(name);
  const files = (await readdir(sourceDir)).filter(isModule).map((name) => path.join(sourceDir, name));
  await mkdir(dir);
  await Promise.all([
    writeFile(path.join(dir, 'package.json'), '{ "type": "module" }'),
    ...files.map(async (file) =>
      writeFile(path.join(dir, `${path.parse(file).name}.js`), await javascriptOf(file, await readFile(file, 'utf8'))),
    ),
  ]);
}

async function javascriptOf(file: string, source: string): Promise<string> {
  if (file.endsWith('.js')) return source;
  const { transformWithOxc } = await import('vite');
  return (await transformWithOxc(source, file, { typescript: { rewriteImportExtensions: 'rewrite' } })).code;
}

/** Sorts by position, and contains the name for Playwright's own report. */
function specFile(position: number, name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  return `specs/${String(position).padStart(3, '0')}-${slug || 'test'}.spec.ts`;
}

/** The content of `run.json`. `config` is Playwright's, in the form of its command line's overrides. */
function runSettings({ insideDir, browser, video, limits, code }: RunFolderOptions, specs: SpecFile[]) {
  const inside = (name: string) => path.join(insideDir, name);
  const reporterOptions: ReporterOptions = {
    outputDir: inside('output'),
    tests: specs.map(({ name, file }) => ({ name, file: inside(file) })),
    shownOutputBytes: limits.shownOutputBytes,
    outputBytes: limits.outputBytes,
    cases: limits.cases,
    shownSteps: limits.shownSteps,
    noBrowser: browser === undefined ? noBrowser : undefined,
  };
  return {
    specsDir: inside('specs'),
    reporter: inside('reporter/reporter.js'),
    reporterOptions,
    code: code && { ...code, packages: playwrightModules() },
    config: {
      outputDir: inside('output/results'),
      workers: 1,
      // New snapshots would be lost with the run's folder.
      updateSnapshots: 'none',
      additionalReporters: [['html', { open: 'never', outputFolder: inside('output/report') }]],
      use: {
        browserName: 'chromium',
        trace: 'retain-on-failure',
        screenshot: 'only-on-failure',
        video: video ? 'on' : 'off',
        launchOptions: { executablePath: browser?.executablePath },
      },
    },
  };
}
