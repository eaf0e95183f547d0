import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findBrowser } from './browser.ts';
import { defaultLimits } from './limits.ts';
import { runDirPrefix } from './run-dirs.ts';
import { playwrightModules, writeRunFolder } from './spec-files.ts';

const withinMs = 120_000;

/** What runs usually do is called, and thereby compiled. */
const usual = `import { test, expect } from '@playwright/test';
test('passes', async () => {
  console.log(await test.step('a step', () => 'said'));
  await expect.poll(() => 1).toBe(1);
});
test('fails', () => expect({ a: 1 }).toEqual({ a: 2 }));
`;
const withBrowser = `test('a page', async ({ page }) => {
  await page.setContent('<h1>Hello</h1><button>Press</button>');
  await page.getByRole('button').click();
  await expect(page.getByRole('heading')).toHaveText('Good bye', { timeout: 100 });
});
`;

/** Where the compiled code of the Playwright that is installed is kept, beside it, for this Node on this kind of machine. */
export function compiledCodeDir(): string {
  const { dir } = playwrightModules().find(({ name }) => name === 'playwright')!;
  const { version } = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')) as { version: string };
  // A folder of packages may serve several machines, and of what it compiled V8 checks its version and flags alone.
  const name = ['playwright', version, 'node', process.version, process.platform, process.arch].join('-');
  return path.join(path.dirname(dir), '.cache/runlight', name);
}

/**
 * Keeps what V8 makes of Playwright's modules in `compiledCodeDir()`, unless that is there: runs then start in two thirds of the
 * processor time. It is for runs with the default `RUN_MAX_HEAP_MB`; V8 takes it for no other. Throws if the run that it
 * records does not come to its end, or the folder cannot be written.
 */
export async function compilePlaywright(): Promise<void> {
  const dir = compiledCodeDir();
  if (existsSync(dir)) return;
  const runDir = await mkdtemp(path.join(os.tmpdir(), runDirPrefix()));
  const unfinished = `${dir}.${process.pid}`;
  try {
    const recorded = path.join(runDir, 'tmp/code');
    const browser = findBrowser({});
    await writeRunFolder({
      runDir,
      insideDir: runDir,
      tests: [{ position: 0, name: 'usual', script: browser ? usual + withBrowser : usual }],
      browser,
      video: false,
      limits: defaultLimits,
      maxSteps: 1_000,
      code: { dir: recorded, isRecording: true },
    });
    await record(runDir);
    await cp(recorded, unfinished, { recursive: true });
    await rename(unfinished, dir).catch((error: unknown) => {
      // Somebody else was faster.
      if (!existsSync(dir)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(runDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function record(runDir: string): Promise<void> {
  const child = spawn(process.execPath, [path.join(runDir, 'main.cjs')], {
    cwd: path.join(runDir, 'home'),
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: path.join(runDir, 'home'),
      TMPDIR: path.join(runDir, 'tmp'),
      NODE_OPTIONS: `--max-old-space-size=${defaultLimits.heapMb}`,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    timeout: withinMs,
    killSignal: 'SIGKILL',
  });
  let isComplete = false;
  child.on('message', ({ kind }: { kind: string }) => {
    isComplete ||= kind === 'end';
  });
  child.send({ variables: {}, secrets: [] }, () => {});
  await once(child, 'close');
  if (!isComplete) throw new Error('The run of Playwright whose code was to be kept has not come to its end.');
}
