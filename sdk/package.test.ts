import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appDir } from '#server/config/installation.ts';
import { builtPackage } from '#server/testing/built-package.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const run = promisify(execFile);

/** A user's program in `extension` .mts or .cts. */
const program = (extension: 'mts' | 'cts') => `
${
  extension === 'mts'
    ? `import { createRunlight, RefusedError, type InputOf, type OutputOf, type Runlight } from 'runlight';
import { collect, waitForRun, withRunlight, type Run } from 'runlight/testing';
type RunTest = InputOf<Runlight['tests']['run']>;
type Job = OutputOf<Runlight['jobs']['byId']>;`
    : `import client = require('runlight');
import testing = require('runlight/testing');
const { createRunlight, RefusedError } = client;
const { collect, waitForRun, withRunlight } = testing;
type Run = testing.Run;
type RunTest = client.InputOf<client.Runlight['tests']['run']>;
type Job = client.OutputOf<client.Runlight['jobs']['byId']>;`
}
type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const yes = <Truth extends true>(_: Truth) => {};

async function main(): Promise<void> {
  const runlight = createRunlight();
  const { items } = await runlight.tests.list.query();
  yes<Is<typeof items[number]['name'], string>>(true);
  // An input has no other fields, and those that it has are checked.
  // @ts-expect-error
  const wrongField = runlight.tests.list.query({ searching: 'x' });
  // @ts-expect-error
  const wrongType = runlight.tests.run.mutate({ testId: 7 });
  // @ts-expect-error
  const missing = () => runlight.tests.byId.query();
  // @ts-expect-error
  const noProcedure = runlight.tests.nothing;
  // @ts-expect-error
  const noMutation = runlight.tests.list.mutate;
  await Promise.allSettled([wrongField, wrongType]);
  void [missing, noProcedure, noMutation];
  yes<Is<RunTest['idempotencyKey'], string | undefined>>(true);
  yes<Is<Job['createdAt'], string>>(true);

  const { runId } = await runlight.tests.run.mutate({ testId: items[0]!.id });
  for await (const { id, data } of runlight.runs.onStatus.stream({ runId })) {
    yes<Is<typeof id, string>>(true);
    yes<Is<Extract<typeof data.status, 'passed'>, 'passed'>>(true);
    break;
  }
  const subscription = runlight.runs.onEvents.subscribe(
    { runId },
    { onData: ({ data }) => void data.seq, onError: (error) => void error.message },
  );
  subscription.unsubscribe();
  await runlight.runs.cancel.mutate({ runId });
  const ended: Run = await waitForRun(runlight, runId, { timeoutMs: 60_000, onStatus: (status) => void status.trim() });
  const events = await collect(runlight.runs.onEvents, { runId });
  void withRunlight;
  const refused = await createRunlight({ token: 'rl_wrong' }).tests.list.query().catch((error: unknown) => error);
  console.log(JSON.stringify({
    name: items[0]!.name,
    status: ended.status,
    last: events[events.length - 1]!.data.type,
    refused: refused instanceof RefusedError && refused.code,
  }));
}
void main();
`;

let app: TestSystem;
let dir: string;
beforeAll(async () => {
  builtPackage();
  app = await testApp();
  dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-package-'));
  await writeFile(path.join(dir, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--no-audit', '--no-fund', `${app.url}/runlight.tgz`], { cwd: dir });
  for (const extension of ['mts', 'cts'] as const)
    await writeFile(path.join(dir, `program.${extension}`), program(extension));
  await app.client.api.tests.create.mutate({ name: 'Health', script: passing });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

/** Runs a TypeScript of ours in the user's project. Resolves to what it complains about. */
async function compile(typescript: string, options: Record<string, unknown>): Promise<string> {
  const config = path.join(dir, `tsconfig-${typescript}-${String(options['moduleResolution'])}.json`);
  const compilerOptions = { strict: true, skipLibCheck: false, target: 'es2022', types: [], noEmit: true, ...options };
  await writeFile(config, JSON.stringify({ compilerOptions, files: ['program.mts', 'program.cts'] }));
  const tsc = path.join(appDir, 'node_modules', typescript, 'bin/tsc');
  const outcome = await run(process.execPath, [tsc, '-p', config]).catch((error: { stdout: string }) => error);
  return outcome.stdout;
}

describe('the installed package', () => {
  test('is one small package without dependencies and scripts', async () => {
    const installed = path.join(dir, 'node_modules');
    expect((await readdir(installed)).filter((name) => !name.startsWith('.'))).toEqual(['runlight']);
    const files = await readdir(path.join(installed, 'runlight'), { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map(async (file) => (await stat(path.join(file.parentPath, file.name))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3_000_000);
    const manifest = JSON.parse(await readFile(path.join(installed, 'runlight/package.json'), 'utf8')) as object;
    for (const field of ['dependencies', 'scripts']) expect(manifest).not.toHaveProperty(field);
  });

  test('brings the command `runlight`, which programs that import the package do not load', async () => {
    const { stdout } = await run('npx', ['--no-install', 'runlight', '--help'], { cwd: dir });
    expect(stdout).toContain('Usage: runlight [options] [command]');
    const { stdout: version } = await run('npx', ['--no-install', 'runlight', '--version'], { cwd: dir });
    const installed = path.join(dir, 'node_modules/runlight');
    expect(version.trim()).toBe(
      (JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8')) as { version: string }).version,
    );
    for (const entry of ['index.js', 'index.cjs', 'testing.js', 'testing.cjs'])
      expect(await readFile(path.join(installed, entry), 'utf8')).not.toMatch(/(?:from|import|require)\b.*cli/);
  });

  test.for(['typescript-5.4', 'typescript-5.9', 'typescript'])('has types for %s, ESM and CJS', async (typescript) => {
    const complaints = {
      bundler: await compile(typescript, { module: 'preserve', moduleResolution: 'bundler' }),
      nodenext: await compile(typescript, { module: 'nodenext', moduleResolution: 'nodenext' }),
      // As in a project without a browser.
      node16: await compile(typescript, {
        module: 'node16',
        moduleResolution: 'node16',
        lib: ['es2022'],
        types: ['node'],
        typeRoots: [path.join(appDir, 'node_modules/@types')],
      }),
    };
    expect(complaints).toEqual({ bundler: '', nodenext: '', node16: '' });
  });

  test.for(['mts', 'cts'] as const)('runs in Node, as its program.%s', async (extension) => {
    const tsc = path.join(appDir, 'node_modules/typescript/bin/tsc');
    const out = path.join(dir, `out-${extension}`);
    const options = ['--module', 'nodenext', '--target', 'es2022', '--noCheck', '--outDir', out];
    await run(process.execPath, [tsc, `program.${extension}`, ...options], { cwd: dir });
    await cp(path.join(dir, 'node_modules'), path.join(out, 'node_modules'), { recursive: true });
    const { stdout } = await run(process.execPath, [`program.${extension.replace('ts', 'js')}`], {
      cwd: out,
      env: { PATH: process.env.PATH, RUNLIGHT_URL: app.url, RUNLIGHT_TOKEN: app.token },
    });
    expect(JSON.parse(stdout)).toEqual({
      name: 'Health',
      status: 'cancelled',
      last: 'status',
      refused: 'UNAUTHORIZED',
    });
  });
});
