import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../../..');

/** The versions of Playwright that the reporter is tested with, and the packages that have them here. */
export const playwrights = {
  '1.42': 'playwright-1.42',
  '1.48': 'playwright-1.48',
  '1.55': 'playwright-1.55',
  '1.60': 'playwright-1.60',
  '1.65': '@playwright/test',
} as const;
export type PlaywrightVersion = keyof typeof playwrights;

export interface SuiteRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface PlaywrightSuite extends AsyncDisposable {
  dir: string;
  /** `npx playwright test` with these arguments. */
  run(args: readonly string[], env?: Record<string, string | undefined>): Promise<SuiteRun>;
  /** `npx playwright merge-reports` with these arguments. */
  mergeReports(args: readonly string[], env?: Record<string, string | undefined>): Promise<SuiteRun>;
  /** The same as `run`, while it runs. `hasPipe`: with a socket as its file descriptor 3, which is `child.stdio[3]` here. */
  start(args: readonly string[], env?: Record<string, string | undefined>, hasPipe?: boolean): StartedSuite;
}

export interface StartedSuite {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
  ended: Promise<SuiteRun>;
}

/** A folder with this suite and this Playwright, as after `npm install`; and with the package, if it is built. */
export async function playwrightSuite(
  files: Readonly<Record<string, string>>,
  version: PlaywrightVersion = '1.65',
): Promise<PlaywrightSuite> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-suite-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), text);
  }
  const modules = path.join(dir, 'node_modules');
  await mkdir(path.join(modules, '@playwright'), { recursive: true });
  const playwright = path.join(root, 'node_modules', playwrights[version]);
  await symlink(playwright, path.join(modules, '@playwright/test'));
  // Playwright would compile what is outside of node_modules.
  const built = path.join(root, 'dist/package');
  if (existsSync(built)) await cp(built, path.join(modules, 'runlight'), { recursive: true });
  const running = new Set<ChildProcess>();

  function start(
    [command, ...args]: readonly string[],
    env: Record<string, string | undefined> = {},
    hasPipe = false,
  ): StartedSuite {
    const child = spawn(process.execPath, [path.join(playwright, 'cli.js'), command!, ...args], {
      cwd: dir,
      env: { PATH: globalThis.process.env['PATH'], HOME: dir, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(hasPipe ? (['pipe'] as const) : [])],
      // A signal to its group reaches its workers, too, as Ctrl-C does.
      detached: true,
    });
    running.add(child);
    const output = { stdout: '', stderr: '' };
    child.stdout!.on('data', (chunk) => (output.stdout += String(chunk)));
    child.stderr!.on('data', (chunk) => (output.stderr += String(chunk)));
    const ended = once(child, 'close').then(([code]) => {
      running.delete(child);
      return { code: code as number | null, ...output };
    });
    return { child, output, ended };
  }

  return {
    dir,
    start: (args, env, hasPipe) => start(['test', ...args], env, hasPipe),
    run: (args, env) => start(['test', ...args], env).ended,
    mergeReports: (args, env) => start(['merge-reports', ...args], env).ended,
    async [Symbol.asyncDispose]() {
      const ends = [...running].map((child) => once(child, 'close'));
      for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
      await Promise.all(ends);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
