import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The client of the README as a program, with another address. */
async function runReadmeClient(url: string, token: string) {
  const [, code = ''] =
    /```ts\n(import \{ createTRPCClient.*?)```/s.exec(await readFile(path.join(root, 'README.md'), 'utf8')) ?? [];
  expect(code).toContain('http://127.0.0.1:3000');
  // Below node_modules, so that the packages are found.
  await mkdir(path.join(root, 'node_modules/.cache'), { recursive: true });
  const dir = await mkdtemp(path.join(root, 'node_modules/.cache/readme-'));
  const file = path.join(dir, 'client.mts');
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

/** A proxy that can cut what is open, and answers 502 to as many requests as the test says. */
async function startProxyWith502(target: string) {
  let refusals = 0;
  const server = createServer((req, res) => {
    if (refusals > 0) {
      refusals -= 1;
      return res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>');
    }
    const passed = request(target + req.url!, { method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    passed.on('error', () => res.destroy());
    res.on('close', () => passed.destroy());
    return req.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    restart(times: number) {
      refusals = times;
      server.closeAllConnections();
    },
    refusals: () => refusals,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('the client of the README follows its run to the end through a restart behind a proxy', async () => {
  await using app = await testApp();
  using proxy = await startProxyWith502(app.url);
  await app.client.api.tests.create.mutate({ name: 'Health', script: passing });
  await using client = await runReadmeClient(proxy.url, app.token);
  await eventually(() => expect(client.output()).toContain('queued'));
  const [run] = (await app.client.api.runs.list.query({})).items;
  proxy.restart(3);
  await commitRun(app.services, run!.id, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  await eventually(() => expect([client.output(), proxy.refusals()]).toEqual([expect.stringContaining('running'), 0]));
  await commitRun(app.services, run!.id, { from: ['running'], to: 'passed' });
  await client.exit;
  expect(client.output().trim().split('\n')).toEqual(['queued', 'running', 'passed', 'the run is over']);
});
