import { readdir } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { databaseUrl } from '#server/testing/database-url.ts';
import { eventually } from '#server/testing/eventually.ts';
import { spawnRunlight, startRunlight } from '#server/testing/process.ts';
import { testDatabase, testRedis } from '#server/testing/resources.ts';
import { temporaryDir } from '#server/testing/temporary-dir.ts';
import { runDirPrefix } from '#server/execution/playwright/run-dirs.ts';
import * as scripts from '#server/testing/scripts.ts';

const waitsForRuns = 'waiting for runs to end; send the signal again to stop them';

/** With a space in its path. */
const tempDir = () => temporaryDir('runlight main ');

/** Postgres and Redis of the test run, as an operator would name them. */
async function testServers() {
  const database = await testDatabase();
  const redis = testRedis();
  return {
    env: {
      DATABASE_URL: databaseUrl(database.connection),
      REDIS_URL: `redis://${redis.host}:${redis.port}`,
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** Starts Runlight where it cannot start, and resolves to what it says. */
async function startInVain(env: Record<string, string>): Promise<string> {
  await using runlight = spawnRunlight(env);
  expect(await runlight.exit).toBe(1);
  expect(runlight.stderr()).toMatch(/^Runlight could not start: /);
  // One message, not a stack.
  expect(runlight.stderr()).not.toMatch(/\n\s+at /);
  return runlight.stderr();
}

test('a start that cannot succeed ends with one message that names the cause and the way out', async () => {
  await using data = await tempDir();
  await using servers = await testServers();
  const DATA_DIR = data.dir;
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const [environment, portTaken, database, redis] = await Promise.all([
    startInVain({
      PORT: 'http',
      ROLES: 'api,cook',
      SSE_PING_INTERVAL: 'often',
      REDIS_URL: 'http://secret@x',
      DATA_DIR,
    }),
    startInVain({ ...servers.env, PORT: String(port), DATA_DIR }),
    startInVain({ DATABASE_URL: 'postgres://me:secret@127.0.0.1:9/db', DATA_DIR }),
    startInVain({ ...servers.env, REDIS_URL: 'redis://:secret@127.0.0.1:9', DATA_DIR }),
  ]);
  taken.close();
  expect(environment).toMatch(/PORT=http[\s\S]*ROLES=api,cook[\s\S]*REDIS_URL[\s\S]*SSE_PING_INTERVAL=often/);
  expect(portTaken).toMatch(new RegExp(`Port ${port} .* taken.*PORT`));
  expect(database).toMatch(/PostgreSQL.*127\.0\.0\.1:9.*ECONNREFUSED.*DATABASE_URL/);
  expect(redis).toMatch(/Redis.*127\.0\.0\.1:9/);
  for (const message of [environment, database, redis]) expect(message).not.toContain('secret');
});

test('the embedded default survives kill -9: data is there, runs that ran are settled, those that waited run', async () => {
  await using data = await tempDir();
  const env = { DATA_DIR: data.dir, DEMO: '1', RUNNING_CAPACITY: '1', WORKER_CONCURRENCY: '1' };
  const before = await startRunlight(env);
  const { api, stream } = createTestClient(before);
  const samples = (await api.tests.list.query()).items;
  expect(samples.length).toBeGreaterThanOrEqual(3);
  expect((await api.jobs.list.query()).items).toHaveLength(1);
  const { id: testId } = await api.tests.create.mutate({ name: 'Endless', script: scripts.endless });
  const running = await api.tests.run.mutate({ testId });
  const waiting = await api.tests.run.mutate({ testId: samples[0]!.id });
  const events = stream((api) => api.runs.onEvents, running);
  await scripts.begun(events);
  events.close();
  before.kill('SIGKILL');
  await before.exit;

  await using after = await startRunlight(env);
  const client = createTestClient(after);
  expect(await client.api.runs.byId.query(running)).toMatchObject({ status: 'error', errorCode: 'worker_lost' });
  expect((await client.api.tests.list.query()).items).toHaveLength(samples.length + 1);
  const leftBehind = async () =>
    (await readdir(os.tmpdir())).filter((name) => name.startsWith(runDirPrefix(before.pid)));
  await eventually(async () => expect(await leftBehind()).toEqual([]));
  const status = client.stream((api) => api.runs.onStatus, waiting);
  await status.ended;
  expect(status.data.at(-1)?.status).toBe('passed');

  await using second = spawnRunlight(env);
  expect(await second.exit).toBe(1);
  expect(second.stderr()).toContain(data.dir);
  after.kill('SIGTERM');
  expect(await after.exit).toBe(0);
});

test('API and worker are two processes; when the worker is killed its run ends as worker_lost, and another goes on', async () => {
  await using data = await tempDir();
  await using servers = await testServers();
  const env = { ...servers.env, DATA_DIR: data.dir };
  await using api = await startRunlight({ ...env, ROLES: 'api' });
  const worker = await startRunlight({ ...env, ROLES: 'worker', PUBLIC_URL: api.url });
  const client = createTestClient(api);
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Endless', script: scripts.endless });
  const lost = await client.api.tests.run.mutate({ testId });
  const status = client.stream((api) => api.runs.onStatus, lost);
  const events = client.stream((api) => api.runs.onEvents, lost);
  await scripts.begun(events);
  worker.kill('SIGKILL');
  await worker.exit;
  await Promise.all([status.ended, events.ended]);
  expect(status.data.at(-1)).toMatchObject({ status: 'error', errorDetails: expect.stringContaining('is gone') });
  expect(events.data.map((event) => event.seq)).toEqual(events.data.map((_, index) => index + 1));

  await using next = await startRunlight({ ...env, ROLES: 'worker', PUBLIC_URL: api.url });
  const { id } = await client.api.tests.create.mutate({ name: 'Passing', script: scripts.passing });
  const run = client.stream((api) => api.runs.onStatus, await client.api.tests.run.mutate({ testId: id }));
  await run.ended;
  expect(run.data.at(-1)?.status).toBe('passed');

  // Asked twice, a worker stops what runs, and says so.
  const stopped = await client.api.tests.run.mutate({ testId });
  const log = client.stream((api) => api.runs.onEvents, stopped);
  await scripts.begun(log);
  next.kill('SIGTERM');
  await eventually(() => expect(next.messages()).toContain(waitsForRuns));
  next.kill('SIGTERM');
  expect(await next.exit).toBe(0);
  await log.ended;
  expect(await client.api.runs.byId.query(stopped)).toMatchObject({ status: 'error', errorCode: 'worker_stopped' });
});

test('a worker that is asked to go lets its run come to its end, and leaves what waits to another', async () => {
  await using data = await tempDir();
  await using servers = await testServers();
  const env = { ...servers.env, DATA_DIR: data.dir, RUNNING_CAPACITY: '1' };
  let goOn = () => {};
  const asked = new Promise<void>((resolve) => (goOn = resolve));
  await using gate = createHttpServer((_, response) => void asked.then(() => response.end('go')));
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const gateUrl = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`;

  await using api = await startRunlight({ ...env, ROLES: 'api' });
  await using worker = await startRunlight({ ...env, ROLES: 'worker' });
  const isWarning = (message: string) => /^Tests can reach Redis at 127\.0\.0\.1:\d+, where no password/.test(message);
  expect([worker, api].map((started) => started.messages().some(isWarning))).toEqual([true, false]);
  const { api: client, stream } = createTestClient(api);
  const { id: testId } = await client.tests.create.mutate({ name: 'Gate', script: scripts.waitsFor(gateUrl) });
  const running = await client.tests.run.mutate({ testId });
  const waiting = await client.tests.run.mutate({ testId });
  const log = stream((api) => api.runs.onEvents, running);
  await scripts.begun(log);
  // Ctrl-C under `npm start` sends two: one from the terminal, one that npm passes on.
  worker.kill('SIGINT');
  worker.kill('SIGINT');
  await eventually(() => expect(worker.messages()).toContain(waitsForRuns));
  goOn();
  expect(await worker.exit).toBe(0);
  await log.ended;
  expect(await client.runs.byId.query(running)).toMatchObject({ status: 'passed' });
  expect(await client.runs.byId.query(waiting)).toMatchObject({ status: 'queued' });

  await using _next = await startRunlight({ ...env, ROLES: 'worker' });
  await stream((api) => api.runs.onEvents, waiting).ended;
  expect(await client.runs.byId.query(waiting)).toMatchObject({ status: 'passed' });
});

test('an API process that is asked to go ends its streams without the event that says there is no more', async () => {
  await using data = await tempDir();
  await using servers = await testServers();
  await using api = await startRunlight({ ...servers.env, DATA_DIR: data.dir, ROLES: 'api' });
  const response = await fetch(`${api.url}/api/trpc/activity.onEvents`, { headers: api.headers });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const ended = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  })().catch(() => {});
  await eventually(() => expect(text).toContain('event: connected'));
  api.kill('SIGTERM');
  expect(await api.exit).toBe(0);
  await ended;
  expect(text).not.toContain('event: return');
});
