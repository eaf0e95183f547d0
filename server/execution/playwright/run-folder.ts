import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from './browser.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { codeScript } from './compiled-code-script.ts';
import { guardScript } from './guard-script.ts';
import { mainScript } from './main-script.ts';
import { playwrightModules } from './playwright-modules.ts';
import type { ReporterOptions } from './reporter/messages.ts';
import { writableDirs } from '#server/execution/sandbox/sandbox.ts';

export interface SpecFile {
  name: string;
  /** Relative to the run's folder. */
  file: string;
}

export interface RunFolderOptions {
  /** Must exist and be empty. */
  runDir: string;
  /** The same folder as processes inside the sandbox see it. */
  insideDir: string;
  tests: readonly { position: number; name: string; script: string }[];
  browser: Browser | undefined;
  video: boolean;
  limits: Pick<RunLimits, 'shownOutputBytes' | 'outputBytes'>;
  maxSteps: number;
  /** Where compiled code of Playwright is kept; recording it is a run of its own. */
  code?: { dir: string; isRecording: boolean } | undefined;
}

/**
 * Writes what Playwright needs for one run: `specs/`, `node_modules/` with Playwright alone, configuration, reporter
 * and program. `writableDirs` are for the run to write to.
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

/** Sorted by position, and still telling in Playwright's own report whose script it is. */
function specFile(position: number, name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  return `specs/${String(position).padStart(3, '0')}-${slug || 'test'}.spec.ts`;
}

/** What `main.cjs` reads. `config` is Playwright's own, in the form that its command line hands on. */
function runSettings({ insideDir, browser, video, limits, maxSteps, code }: RunFolderOptions, specs: SpecFile[]) {
  const inside = (name: string) => path.join(insideDir, name);
  const reporterOptions: ReporterOptions = {
    outputDir: inside('output'),
    tests: specs.map(({ name, file }) => ({ name, file: inside(file) })),
    shownOutputBytes: limits.shownOutputBytes,
    outputBytes: limits.outputBytes,
    maxSteps,
  };
  return {
    specsDir: inside('specs'),
    reporter: inside('reporter/reporter.js'),
    reporterOptions,
    code: code && { ...code, packages: playwrightModules() },
    config: {
      outputDir: inside('output/results'),
      workers: 1,
      // There is nowhere to keep a new snapshot: the run's folder goes away.
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
