import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { playwrightModules } from './playwright-modules.ts';

const originalDir = path.resolve(import.meta.dirname, '../../..');
const originalModules = path.dirname(playwrightModules().find(({ name }) => name === 'playwright')!.dir);

/** Runlight's sources and Playwright with its compiled code, in another folder. Other packages are links. */
async function copyInstall() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
  const copied = ['server', 'shared', 'package.json'];
  await Promise.all(copied.map((name) => cp(path.join(originalDir, name), path.join(dir, name), { recursive: true })));
  const modules = path.join(dir, 'node_modules');
  await mkdir(modules);
  const playwright = ['@playwright', 'playwright', 'playwright-core'];
  const isCopied = (name: string) => playwright.includes(name) || name.startsWith('.');
  for (const name of [...playwright, '.cache/runlight'])
    await cp(path.join(originalModules, name), path.join(modules, name), { recursive: true });
  for (const name of await readdir(originalModules))
    if (!isCopied(name)) await symlink(path.join(originalModules, name), path.join(modules, name));
  return { dir, modules, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

/** Compiles Playwright in an install, and returns the lines of the steps of a run there. */
async function compileAndRun(dir: string): Promise<unknown> {
  const program = `
    import { executeScripts, script } from '#server/testing/execute-scripts.ts';
    import { compilePlaywright } from '#server/execution/playwright/compile-playwright.ts';
    await compilePlaywright();
    const steps = script(\`test('two steps', async () => {
      await test.step('first', () => {});
      expect(1).toBe(2);
    });\`);
    const run = await executeScripts({ Steps: steps });
    console.log(JSON.stringify([
      run.events.filter(({ type, status }) => type === 'step' && status !== 'running').map(({ line }) => line),
      run.outcome.tests[0].error.line,
    ]));
    await run[Symbol.asyncDispose]();`;
  const args = ['--conditions=runlight-source', '--import=tsx', '--input-type=module', '-e', program];
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: dir, env });
  return JSON.parse(stdout);
}

test('a copied install compiles Playwright anew, so that steps and errors have their lines', async () => {
  await using copy = await copyInstall();
  const [original] = await readdir(path.join(copy.modules, '.cache/runlight'));
  expect(await compileAndRun(copy.dir)).toEqual([[3, 4, 2], 4]);
  const now = await readdir(path.join(copy.modules, '.cache/runlight'));
  expect(now).toHaveLength(1);
  expect(now).not.toEqual([original]);
});
