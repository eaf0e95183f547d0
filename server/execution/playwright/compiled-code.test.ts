import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { executeScripts, script } from '#server/testing/execute-scripts.ts';
import { compiledCodeDir, findCompiledCode } from './compiled-code.ts';

/** A copy of the compiled code. */
async function copyOfCode() {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
  const dir = path.join(parent, 'code');
  await cp(compiledCodeDir(), dir, { recursive: true });
  return { dir, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) };
}

/** Flips a bit of every 64th byte, so that V8 certainly reads a damaged one. */
async function damage(dir: string): Promise<void> {
  const file = path.join(dir, 'main/playwright-core+lib+coreBundle.js.bin');
  const content = await readFile(file);
  // V8 checks the first bytes: version, flags and length.
  for (let at = 64; at < content.length; at += 64) content[at]! ^= 0b100;
  await writeFile(file, content);
}

const warnings: string[] = [];
const logger = { info() {}, warn: (_: object, message: string) => void warnings.push(message) };
const passing = script(`test('passes', () => expect(1).toBe(1));`);

test('damaged compiled code is not used, and a warning says how to repair it', async () => {
  await using code = await copyOfCode();
  expect(await findCompiledCode({ dir: code.dir, logger })).toBe(code.dir);
  expect(warnings).toEqual([]);

  await damage(code.dir);
  await using crashed = await executeScripts({ Crashed: passing }, { compiledCode: code.dir });
  expect(crashed.outcome).toMatchObject({ status: 'error' });

  const compiledCode = await findCompiledCode({ dir: code.dir, logger });
  expect(warnings).toEqual([expect.stringContaining('npm run build')]);
  await using run = await executeScripts({ Passes: passing }, { compiledCode });
  expect(run.outcome).toMatchObject({ status: 'passed', errorCode: null });
});

test('runs work after the compiled code was removed', async () => {
  const code = await copyOfCode();
  const compiledCode = await findCompiledCode({ dir: code.dir, logger });
  await code[Symbol.asyncDispose]();
  await using run = await executeScripts({ Passes: passing }, { compiledCode });
  expect(run.outcome).toMatchObject({ status: 'passed', errorCode: null });
  expect(await findCompiledCode({ dir: code.dir, logger })).toBeUndefined();
});
