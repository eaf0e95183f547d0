import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { testCluster } from '#server/testing/cluster.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { type RunlightProcess, spawnRunlight } from '#server/testing/process.ts';
import { produce, queueRun } from '#server/testing/produce.ts';
import * as scripts from '#server/testing/scripts.ts';
import { startWatchers } from '#server/testing/watchers.ts';

/** The id of a process of the primary's, which says it when it is ready. */
function pidOf(runlight: RunlightProcess, name: string): number {
  const isReady = ({ msg, process }: { msg?: string; process?: unknown }) =>
    msg === 'this process is ready' && process === name;
  return runlight.lines().findLast(isReady)!['pid'] as number;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A request on a connection of its own. Resolves to the status, or to the code of the error. */
async function ask(url: string): Promise<number | string> {
  const request = http.get(`${url}/healthz`, { agent: false });
  try {
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    return response.statusCode!;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code!;
  }
}

test('two processes answer on one port; one that is killed starts again, and 50 watchers of a run lose nothing', async () => {
  await using cluster = await testCluster({ bus: 'redis' });
  const runlight = await cluster.startApi({ API_PROCESSES: '2' });
  const names = ['api 1', 'api 2'];
  const pids = names.map((name) => pidOf(runlight, name));
  expect(new Set([...pids, runlight.pid]).size).toBe(3);
  const runId = await queueRun(createTestClient(runlight));
  await using production = await produce(cluster.services, runId);
  using watchers = startWatchers({ servers: [runlight], runId, logs: 25, states: 25 });
  await eventually(() => expect(watchers.open()).toBe(50));

  const metrics = async () => await (await fetch(`${runlight.url}/metrics`, { headers: runlight.headers })).text();
  const watchersOf = (text: string) =>
    [...text.matchAll(/^runlight_watchers\{process="(.*)"\} (\d+)$/gm)].map(([, name, count]) => [name, Number(count)]);
  const shares = watchersOf(await metrics());
  expect(shares.map(([name]) => name)).toEqual(names);
  expect(shares.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(50);

  // It is given one connection, which it does not accept, and no more.
  process.kill(pids[1]!, 'SIGSTOP');
  const answers = Array.from({ length: 6 }, () => ask(runlight.url));
  const settled: (number | string)[] = [];
  for (const answer of answers) void answer.then((it) => settled.push(it));
  await eventually(() => expect(settled).toHaveLength(5));
  process.kill(pids[1]!, 'SIGKILL');
  expect((await Promise.all(answers)).sort()).toEqual([200, 200, 200, 200, 200, 'ECONNRESET']);
  await eventually(() => expect(runlight.messages()).toContain('a process is back'));
  const replaced = pidOf(runlight, 'api 2');
  expect(replaced).not.toBe(pids[1]);
  await eventually(async () => expect(watchersOf(await metrics()).map(([name]) => name)).toEqual(names));

  await production.finish('passed');
  const { reconnects } = await expectNothingLost('of two processes, one killed', watchers, cluster.services, runId);
  expect(reconnects).toBeGreaterThan(0);

  runlight.kill('SIGTERM');
  expect(await runlight.exit).toBe(0);
  expect([...pids, replaced].filter(isAlive)).toEqual([]);
  expect(await ask(runlight.url)).toBe('ECONNREFUSED');
});

test('with the role worker, one process more executes runs, and a stop lets them end', async () => {
  await using cluster = await testCluster({ bus: 'postgres' });
  const runlight = await cluster.startApi({ API_PROCESSES: '2', ROLES: 'api,worker' });
  const { api, stream } = createTestClient(runlight);
  const { id: testId } = await api.tests.create.mutate({ name: 'Passing', script: scripts.passing });
  const run = await api.tests.run.mutate({ testId });
  const status = stream((api) => api.runs.onStatus, run);
  await status.ended;
  expect(status.data.at(-1)?.status).toBe('passed');

  const metrics = await fetch(`${runlight.url}/metrics`, { headers: runlight.headers });
  const series = [...(await metrics.text()).matchAll(/^runlight_info\{process="(.*?)"/gm)];
  expect(series.map(([, name]) => name)).toEqual(['api 1', 'api 2', 'worker']);
  const { id: endless } = await api.tests.create.mutate({ name: 'Endless', script: scripts.endless });
  const stopped = await api.tests.run.mutate({ testId: endless });
  const log = stream((api) => api.runs.onEvents, stopped);
  await scripts.begun(log);
  // As systemd does.
  for (const name of ['api 1', 'api 2', 'worker']) process.kill(pidOf(runlight, name), 'SIGTERM');
  runlight.kill('SIGTERM');
  await eventually(() => expect(runlight.messages().join()).toContain('waiting for runs to end'));
  expect(await api.runs.byId.query(stopped)).toMatchObject({ status: 'running' });
  runlight.kill('SIGTERM');
  // Streams are there until the worker has ended.
  await log.ended;
  expect(log.data.at(-1)).toMatchObject({ type: 'status', status: 'error' });
  expect(await runlight.exit).toBe(0);
});

test('a process that cannot start ends all with one sentence', async () => {
  await using cluster = await testCluster({ bus: 'postgres' });
  await using taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await using runlight = spawnRunlight({ ...cluster.env, API_PROCESSES: '2', PORT: String(port) });
  expect(await runlight.exit).toBe(1);
  expect(runlight.stderr()).toBe(
    `Runlight could not start: Port ${port} of 127.0.0.1 is taken. Set PORT to a free one, or stop what uses it.\n`,
  );
});
