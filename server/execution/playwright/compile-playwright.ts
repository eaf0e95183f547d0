import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findBrowser } from './browser.ts';
import { compiledCodeDir, isIntact, removeForeignCode, sealCompiledCode } from './compiled-code.ts';
import { defaultLimits } from '#server/config/run-limits.ts';
import { runDirPrefix } from './run-dirs.ts';
import { writeRunFolder } from './run-folder.ts';

const timeoutMs = 120_000;

/** V8 compiles a function when it is first called, so this calls what runs usually call. */
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

/**
 * Writes V8's compiled code of Playwright's modules to `compiledCodeDir(heapMb)`, unless it is there and intact. With it, runs
 * start in two thirds of the processor time. Throws if the recorded run does not end, or the folder cannot be written.
 */
export async function compilePlaywright(heapMb = defaultLimits.heapMb): Promise<void> {
  const dir = compiledCodeDir(heapMb);
  if (await isIntact(dir)) return;
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
      code: { dir: recorded, isRecording: true },
    });
    await record(runDir, heapMb);
    await cp(recorded, unfinished, { recursive: true });
    await sealCompiledCode(unfinished);
    await rm(dir, { recursive: true, force: true });
    await rename(unfinished, dir).catch(async (error: unknown) => {
      // Another process was faster.
      if (!(await isIntact(dir))) throw error;
    });
    await removeForeignCode();
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(runDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function record(runDir: string, heapMb: number): Promise<void> {
  const child = spawn(process.execPath, [path.join(runDir, 'main.cjs')], {
    cwd: path.join(runDir, 'home'),
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: path.join(runDir, 'home'),
      TMPDIR: path.join(runDir, 'tmp'),
      NODE_OPTIONS: `--max-old-space-size=${heapMb}`,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let isComplete = false;
  child.on('message', ({ kind }: { kind: string }) => {
    isComplete ||= kind === 'end';
  });
  child.send({ variables: {}, secrets: [] }, () => {});
  await once(child, 'close');
  if (!isComplete)
    throw new Error(
      `Playwright's code could not be compiled: the run that records it failed, or took longer than ${timeoutMs / 1_000} s.`,
    );
}
