import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { builtPackage } from '#server/testing/built-package.ts';
import { eventually } from '#server/testing/eventually.ts';
import { startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import { testApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The integration test of the README as a program, with another address and the package as it is built. */
async function runReadmeTest(url: string, token: string) {
  const [, code = ''] =
    /```ts\n(import assert.*?)```/s.exec(await readFile(path.join(root, 'README.md'), 'utf8')) ?? [];
  expect(code).toContain("from 'runlight'");
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(15);
  builtPackage();
  // Below the project, so that tsx is found.
  await mkdir(path.join(root, 'test-results'), { recursive: true });
  const dir = await mkdtemp(path.join(root, 'test-results/readme-'));
  await mkdir(path.join(dir, 'node_modules'));
  await symlink(path.join(root, 'dist/package'), path.join(dir, 'node_modules/runlight'));
  const file = path.join(dir, 'health.test.mts');
  await writeFile(file, code.replace('http://127.0.0.1:3000', url));
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: root,
    env: { PATH: process.env.PATH, RUNLIGHT_TOKEN: token, CI_BUILD: '7' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const exit = once(child, 'exit');
  return {
    output: () => output,
    exit,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
      await rm(dir, { recursive: true });
    },
  };
}

test('the integration test of the README follows its run to the end through a restart behind a proxy', async () => {
  await using app = await testApp();
  using proxy = await startRestartingProxy(app.url);
  await app.client.api.tests.create.mutate({ name: 'Health', script: passing });
  await using client = await runReadmeTest(proxy.url, app.token);
  await eventually(() => expect(client.output()).toContain('queued'));
  const [run] = (await app.client.api.runs.list.query({})).items;
  proxy.restart(3);
  await commitRun(app.services, run!.id, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  await eventually(() => expect([client.output(), proxy.refusals()]).toEqual([expect.stringContaining('running'), 0]));
  await commitRun(app.services, run!.id, { from: ['running'], to: 'passed' });
  const [exitCode] = (await client.exit) as [number];
  expect(exitCode, client.output()).toBe(0);
  expect(client.output()).toMatch(/queued\s+running\s+passed/);
});
