import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { BrowserName } from '#server/config/browser-names.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';
import type { Mount } from '#server/execution/sandbox/mount.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { exists } from '#server/lib/exists.ts';
import { bounded } from './bounded.ts';
import { downloadBrowserScript } from './download-browser-script.ts';
import type { EntrySink } from './entry-sink.ts';
import { type HeldInstall, InstallCache, type InstallDescription } from './install-cache.ts';
import { npm } from './package-managers.ts';
import { runProgram, type SuiteContext } from './run-program.ts';
import { SuiteFault } from './suite-stop.ts';
import { certificatesOf, inWorkDir, move } from './work-dir.ts';

const run = promisify(execFile);

/** Longest time for the installation of one browser, in ms. */
const longestInstall = 10 * 60_000;
/** A browser that could not be installed is tried again after this time, in ms. */
const retryAfter = 10 * 60_000;

const titles: Readonly<Record<BrowserName, string>> = {
  chromium: 'Chromium',
  firefox: 'Firefox',
  webkit: 'WebKit',
  ffmpeg: 'FFmpeg',
};

/** Output of `find-playwright.cjs`. Code of the suite can forge it. */
const suitePlaywright = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+(-[\w.-]+)?$/),
  browsers: z.array(z.object({ name: z.string(), folders: z.array(z.string().regex(/^[\w.]+-\w+$/)) })),
});

/** Output of `download-browser.cjs` when it succeeds. */
const ended = z.object({ exit: z.literal(0) });

export interface BrowserInstallOptions {
  context: SuiteContext;
  /** The folder of the run, with its packages. No process of the run is alive. */
  runDir: string;
  mounts: readonly Mount[];
  /** Browsers to install in the version of the suite's Playwright. */
  ownBrowsers: readonly BrowserName[];
  /** Folders that may contain these browsers already. */
  registries: readonly string[];
  browsersDir: string;
  /** Largest size of all browsers that Runlight has installed. */
  cacheBytes: number;
  installEnv: Record<string, string>;
  sink: EntrySink;
}

/** Browsers that are neither removed nor changed until they are disposed of. */
export interface HeldBrowsers extends Disposable {
  /** Folders for `PLAYWRIGHT_BROWSERS_PATH`. */
  registries: string[];
}

/**
 * Installs the browsers of the suite's version of Playwright, once per version for all projects of this machine. Because they are
 * shared, a Playwright from the registry downloads them, not code of the suite. The log says which browsers cannot be installed,
 * and why.
 */
export async function installBrowsers(options: BrowserInstallOptions): Promise<HeldBrowsers> {
  const { context, runDir, mounts } = options;
  const held: HeldInstall[] = [];
  const browsers = {
    registries: [] as string[],
    [Symbol.dispose]: () => held.forEach((install) => install[Symbol.dispose]()),
  };
  if (options.ownBrowsers.length === 0) return browsers;
  const said = suitePlaywright.safeParse(await runProgram(context, { runDir, program: 'find-playwright.cjs', mounts }));
  if (!said.success) {
    await options.sink.say("No browsers can be installed for the version of the suite's Playwright.", 'stderr');
    return browsers;
  }
  try {
    for (const name of options.ownBrowsers) {
      const folders = said.data.browsers.find((it) => it.name === name)?.folders ?? [];
      if (await isInstalled(options.registries, folders)) continue;
      const install = await hold(options, name, said.data.version);
      if (!install) continue;
      held.push(install);
      browsers.registries.push(path.join(install.dir, 'folders'));
    }
    return browsers;
  } catch (error) {
    browsers[Symbol.dispose]();
    throw error;
  }
}

async function isInstalled(registries: readonly string[], folders: readonly string[]): Promise<boolean> {
  for (const registry of registries)
    for (const folder of folders) if (await exists(path.join(registry, folder, 'INSTALLATION_COMPLETE'))) return true;
  return false;
}

async function hold(
  options: BrowserInstallOptions,
  name: BrowserName,
  version: string,
): Promise<HeldInstall | undefined> {
  const { context, sink } = options;
  const title = `${titles[name]} of Playwright ${version}`;
  const dir = path.join(options.browsersDir, 'installed');
  const key = keyOf(name, version);
  const failure = path.join(dir, `${key}.failed`);
  // The users that execute other runs read it, too.
  const cache = new InstallCache(dir, options.cacheBytes, { mode: 0o755 });
  try {
    return await cache.hold(key, context.signal, async (to) => {
      await throwRecent(failure);
      const startedAt = performance.now();
      await sink.say(`Installing ${title} …`);
      try {
        const made = await inWorkDir(context.sandbox, cache.workDirOf(key), (workDir) =>
          make(options, { name, version, workDir, to }),
        );
        await rm(failure, { force: true });
        await sink.say(`Installed ${title} in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
        return made;
      } catch (error) {
        if (!context.signal.aborted) await writeFile(failure, errorMessage(error));
        throw error;
      }
    });
  } catch (error) {
    if (context.signal.aborted) throw error;
    const instead = name === 'chromium' ? "The suite gets the worker's Chromium, if there is one." : '';
    await sink.say(`${title} could not be installed: ${errorMessage(error)}. ${instead}`.trim(), 'stderr');
    return undefined;
  }
}

/** Throws the recent failure of another run, if there is one, also in runs that have waited for that run. */
async function throwRecent(failure: string): Promise<void> {
  const found = await stat(failure).catch(() => undefined);
  if (found && Date.now() - found.mtimeMs < retryAfter)
    throw new SuiteFault(`${await readFile(failure, 'utf8')} (at ${found.mtime.toISOString().slice(11, 16)} UTC)`);
}

function keyOf(name: BrowserName, version: string): string {
  const facts = [1, name, version, process.platform, process.arch];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 40);
}

interface Making {
  name: BrowserName;
  version: string;
  workDir: string;
  to: string;
}

async function make(
  options: BrowserInstallOptions,
  { name, version, workDir, to }: Making,
): Promise<InstallDescription> {
  const { context, installEnv } = options;
  const home = path.join(context.sandbox.inside(workDir), 'home');
  const { command, readOnly } = npm();
  const commands = [
    [
      ...command,
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `--prefix=${home}`,
      `playwright-core@${version}`,
    ],
    [process.execPath, path.join(home, 'node_modules/playwright-core/cli.js'), 'install', name],
  ];
  await Promise.all([
    writeFile(path.join(workDir, 'download-browser.cjs'), downloadBrowserScript),
    writeFile(path.join(workDir, 'commands.json'), JSON.stringify(commands)),
  ]);
  const env = { npm_config_update_notifier: 'false', PLAYWRIGHT_BROWSERS_PATH: path.join(home, 'browsers') };
  context.output.begin();
  // A browser that exceeds these limits is not installed; the run goes on.
  const limits = {
    longestMs: longestInstall,
    tooLong: `it takes longer than ${longestInstall / 60_000} minutes`,
    tooMuch: ({ details }: Excess) => details,
  };
  const said = await bounded(context, limits, (bound) =>
    runProgram(
      { ...bound, env: { ...context.env, ...env, ...installEnv } },
      { runDir: workDir, program: 'download-browser.cjs', readOnly: [...readOnly, ...certificatesOf(installEnv)] },
    ),
  );
  if (!ended.safeParse(said).success) throw new SuiteFault(causeIn(context.output.last) ?? 'the download was killed');
  const made = await keep(path.join(workDir, 'home/browsers'), path.join(to, 'folders'));
  if (!made.folders.some((folder) => folder.startsWith(name))) throw new SuiteFault('Playwright has installed nothing');
  return made;
}

/** Moves complete browsers to a folder that only the worker can change. */
async function keep(from: string, to: string): Promise<InstallDescription> {
  await mkdir(from, { recursive: true });
  const found = await readdir(from);
  const folders = found.filter((name) =>
    lstatSync(path.join(from, name, 'INSTALLATION_COMPLETE'), { throwIfNoEntry: false }),
  );
  for (const name of folders) await move(path.join(from, name), path.join(to, name));
  if (process.getuid?.() === 0) await run('chown', ['-hR', '0:0', '--', to]);
  await run('chmod', ['-R', 'u=rwX,go=rX', '--', to]);
  const { stdout } = await run('du', ['-sk', '--', to]);
  return { folders, packages: 0, bytes: Number.parseInt(stdout) * 1024 };
}

/** The first error that npm or Playwright prints, without lines that explain less. */
function causeIn(output: string): string | undefined {
  const lines = output.matchAll(
    /^(?:Error: (?:ERROR: )?|npm (?:error|ERR!) )(?!Failed to |Download failure|code )(.+)$/gm,
  );
  return [...lines][0]?.[1]?.replace(/ body '.*$/, '');
}
