import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GroupedCase, SuiteChoice } from '#shared/suite-pipe.ts';
import type { SuiteOptions } from '#shared/suites.ts';
import type { BrowserName } from '#server/config/browser-names.ts';
import type { Browser } from '#server/execution/playwright/browser.ts';
import { writableDirs } from '#server/execution/sandbox/sandbox.ts';
import { findPlaywrightScript } from './find-playwright-script.ts';
import { installBrowsers } from './install-browsers.ts';
import { installSuite } from './install-suite.ts';
import { placeInstall } from './place-install.ts';
import { runProgram, type SuiteContext } from './run-program.ts';
import { registriesOf, runSuite } from './run-suite.ts';
import { startScript } from './start-script.ts';
import { type SuiteBundle, unpackedSuite, type UnpackedSuite } from './suite-bundle.ts';
import { type ContextOptions, inSuiteContext } from './suite-context.ts';
import type { SuiteOutcome } from './suite-outcome.ts';
import { SuiteFault } from './suite-stop.ts';
import { unpackScript } from './unpack-script.ts';

export interface ExecuteSuiteOptions extends ContextOptions {
  /** Packages are installed once per project. */
  projectId: string;
  /** An empty folder for this part. Without a sandbox, it should be in the system's temporary folder. */
  runDir: string;
  /** The archive, which only this process needs to be able to read. */
  bundleFile: string;
  bundle: SuiteBundle;
  options: SuiteOptions;
  /** Playwright's own division, from 1; null: not divided. */
  shard: { current: number; total: number } | null;
  /** The cases to run, and no others; null: all. */
  choice?: SuiteChoice | null;
  /** Lists the cases instead of running them. */
  onCases?: (cases: GroupedCase[]) => void;
  /** Between asking Playwright to stop and killing everything. */
  graceMs: number;
  /**
   * Stores a file of the part: `path` is a copy that is removed afterwards. A rejection says in the log why the file is not kept;
   * else its entry follows in `onEntries`.
   */
  onFile: (file: { file: string; path: string }) => Promise<void>;
  browser: Browser | undefined;
  /** How installs reach a registry (`installEnvironment`). */
  installEnv: Record<string, string>;
  /** Where pnpm and Yarn are looked for, as in PATH. Default: where systems and this Node have programs. */
  toolsPath?: string;
  /** Packages of this machine, which its workers share. */
  installsDir: string;
  /** Of all packages in `installsDir`, and of all browsers that are installed in `browsersDir`. */
  installsBytes: number;
  /** Playwright's browsers of several versions, as `PLAYWRIGHT_BROWSERS_PATH` of `playwright install`. */
  browsersDir: string;
  /** Browsers that are installed there for a version which lacks them. */
  ownBrowsers: readonly BrowserName[];
  /** The file of the suite's reporter. */
  reporterFile: string;
}

/**
 * Runs a suite with its own Playwright, or one part of it: unpacks the bundle, takes or installs the packages, and passes on what the
 * reporter says. Settles when all processes have ended. Rejects only if the worker's own folders fail, or `onEntries`.
 */
export function executeSuite(options: ExecuteSuiteOptions): Promise<SuiteOutcome> {
  return inSuiteContext(options, 'install_failed', async ({ context, sink, redaction }) => {
    sink.begin('install');
    const suite = await prepare(options, context);
    using install = await installSuite({
      ...options,
      context,
      suite,
      variables: options.variables?.values ?? {},
      cacheBytes: options.installsBytes,
      sink,
    });
    const mounts = await placeInstall(install, options.runDir, options.sandbox);
    using browsers = await installBrowsers({
      ...options,
      context,
      mounts,
      registries: registriesOf(options),
      cacheBytes: options.installsBytes,
      sink,
    });
    sink.begin('sandbox');
    return await runSuite(options, context, {
      sink,
      redaction,
      mounts,
      madeFile: install.madeFile,
      installedBrowsers: browsers.registries,
    });
  });
}

/** Keeps Playwright from adding a reporter that prints. */
const quietReporter = 'module.exports = class { printsToStdio() { return true; } };';

/** Writes the folder of the part, and unpacks the bundle. */
async function prepare(options: ExecuteSuiteOptions, context: SuiteContext): Promise<UnpackedSuite> {
  const { runDir, bundle, bundleFile } = options;
  // Playwright would compile a reporter that is in no such folder.
  const modulesDir = path.join(runDir, 'node_modules');
  for (const dir of [modulesDir, ...writableDirs.map((name) => path.join(runDir, name))]) await mkdir(dir);
  await Promise.all([
    writeFile(path.join(runDir, 'unpack.cjs'), unpackScript),
    writeFile(path.join(runDir, 'find-playwright.cjs'), findPlaywrightScript),
    writeFile(path.join(runDir, 'start.cjs'), startScript),
    writeFile(path.join(runDir, 'suite.json'), JSON.stringify(bundle)),
    writeFile(path.join(runDir, 'choice.json'), JSON.stringify(options.choice ?? null)),
    writeFile(path.join(modulesDir, 'runlight-quiet.cjs'), quietReporter),
    copyFile(options.reporterFile, path.join(modulesDir, 'runlight-reporter.cjs')),
  ]);
  const suite = unpackedSuite.parse(await runProgram(context, { runDir, program: 'unpack.cjs', bundleFile }));
  if (!suite.hasConfig)
    throw new SuiteFault(`The bundle has no ${path.posix.join(bundle.dir, bundle.config)}: push the suite again.`);
  return suite;
}
