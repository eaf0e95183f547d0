import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { createRedisBus } from '#server/bus/redis-bus.ts';
import { type CloseStack, createCloseStack } from '#server/lib/close-stack.ts';
import { createPublisher } from '#server/live/publisher.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import { databaseUrl } from '#server/testing/database-url.ts';
import { type RunlightProcess, startRunlight } from '#server/testing/process.ts';
import { type Call, callsTo } from './calls.ts';
import type { Environment } from './environment.ts';
import type { GeneratorHandlers } from './generator.ts';
import { beginRun } from './large-run-data.ts';
import { markerOf } from './marker.ts';
import { startNginx } from './nginx.ts';
import { usageOf } from './process-usage.ts';
import type { ProcessesResult } from './results.ts';
import { accessToken } from './serving.ts';
import { quantile } from './statistics.ts';

/** A process of clients may have 20,000 files, too. */
const clientsPerProcess = 10_000;
/** Clients that measure delays. Their process has priority over that of the other clients. */
const probes = 200;
const turns = 10;
const commits = 10;
const warmUpCommits = 3;
const restMs = 300;
const withinMs = 120_000;
/** A machine that does other things needs minutes for 40,000 connections. */
const callMs = 600_000;

type Setup = Pick<ProcessesResult, 'processes' | 'entrance' | 'watchers'>;

function setups(isQuick: boolean): Setup[] {
  const watchers = isQuick ? 2_000 : 10_000;
  const same: Setup[] = [
    { processes: 1, entrance: 'direct', watchers },
    { processes: 2, entrance: 'cluster', watchers },
    { processes: 4, entrance: 'cluster', watchers },
    { processes: 1, entrance: 'nginx', watchers },
    { processes: 2, entrance: 'nginx', watchers },
    { processes: 4, entrance: 'nginx', watchers },
  ];
  const many = (entrance: Setup['entrance']): Setup => ({ processes: 4, entrance, watchers: 40_000 });
  return isQuick ? same : [many('cluster'), many('nginx'), ...same];
}

/**
 * Watchers of one run over 1, 2 and 4 API processes: those of `API_PROCESSES`, and as many behind nginx. Each commit adds an entry to the
 * run's log, which all get.
 */
export async function measureProcesses(
  environment: Environment,
  { isQuick, progress }: { isQuick: boolean; progress(text: string): void },
): Promise<ProcessesResult[]> {
  const results: ProcessesResult[] = [];
  for (const setup of setups(isQuick)) {
    const { processes, entrance, watchers } = setup;
    const title = `${watchers} watchers, ${processes} ${processes === 1 ? 'process' : 'processes'}, ${entrance}`;
    progress(`${title}: starting`);
    await using stack = createCloseStack(() => {});
    const result = await measure(setup, environment, stack);
    results.push(result);
    progress(
      `${title}: connected in ${result.connectS.toFixed(1)} s, ${result.serverCpuUs.toFixed(1)} µs a frame, ` +
        `p99 ${result.latencyP99Ms.toFixed(0)} ms, ${(result.bytesPerWatcher / 1024).toFixed(1)} KiB a watcher, ${result.lost} lost`,
    );
  }
  return results;
}

async function measure(setup: Setup, environment: Environment, stack: CloseStack): Promise<ProcessesResult> {
  const { watchers } = setup;
  const servers = await startServers(setup, environment, stack);
  const { runId, commit } = await openRun(environment, stack);
  const input = encodeURIComponent(JSON.stringify({ runId }));
  const request = `GET /api/trpc/runs.onEvents?input=${input} HTTP/1.1\r\nhost: 127.0.0.1:${servers.port}\r\naccept: text/event-stream\r\nauthorization: Bearer ${accessToken}\r\n\r\n`;

  const crowds = Array.from({ length: Math.ceil(watchers / clientsPerProcess) }, () => startClients(stack));
  const probe = startClients(stack);
  const all = [...crowds, probe];
  await Promise.all(crowds.map((crowd) => crowd('yieldCpu', 10)));
  const connect = (clients: Call<GeneratorHandlers>, index: number, count: number) =>
    clients('connect', {
      port: servers.port,
      // An address has 28,000 ports for connections to one port.
      localAddress: `127.0.0.${10 + index}`,
      requests: [request],
      count,
      inFlight: 50,
      websocket: false,
    });
  const usage = () => Promise.all([usageOf(servers.apiPids), usageOf(servers.proxyPids)]);
  const count = async () => {
    const counts = await Promise.all(all.map((clients) => clients('count')));
    return {
      frames: counts.reduce((sum, { frames }) => sum + frames, 0),
      lost: counts.reduce((sum, { lost }) => sum + lost, 0),
    };
  };

  const [apiBefore, proxyBefore] = await usage();
  const startedAt = performance.now();
  // The probes stand evenly among the others: a process writes to its watchers in the order in which they came.
  for (let turn = 0; turn < turns; turn += 1) {
    await connect(probe, crowds.length, probes / turns);
    const share = (watchers - probes) / crowds.length / turns;
    await Promise.all(crowds.map((crowd, index) => connect(crowd, index, share)));
  }
  const connectS = (performance.now() - startedAt) / 1_000;
  const [apiConnected, proxyConnected] = await usage();

  let version = 0;
  const committedAtUs = new Map<number, number>();
  const deliver = async (times: number) => {
    for (let time = 0; time < times; time += 1) {
      version += 1;
      committedAtUs.set(version, Number(process.hrtime.bigint() / 1_000n));
      await commit(version);
      const arrived = await Promise.all(all.map((clients) => clients('waitFor', { version, withinMs })));
      if (!arrived.every(Boolean)) throw new Error(`an entry has not reached everybody within ${withinMs} ms`);
      await delay(restMs);
    }
  };
  await deliver(warmUpCommits);
  await probe('recordArrivals');
  const before = await count();
  const [apiIdle, proxyIdle] = await usage();
  await deliver(commits);
  const [apiDone, proxyDone] = await usage();
  const after = await count();
  const arrivals = await probe('arrivals');
  const latenciesMs = arrivals.map((it) => (it.atUs - committedAtUs.get(it.version)!) / 1_000);
  const frames = after.frames - before.frames;
  return {
    ...setup,
    connectS,
    connectCpuUs: (apiConnected.cpuUs - apiBefore.cpuUs) / watchers,
    connectProxyCpuUs: (proxyConnected.cpuUs - proxyBefore.cpuUs) / watchers,
    serverCpuUs: (apiDone.cpuUs - apiIdle.cpuUs) / frames,
    proxyCpuUs: (proxyDone.cpuUs - proxyIdle.cpuUs) / frames,
    latencyP50Ms: quantile(latenciesMs, 0.5),
    latencyP99Ms: quantile(latenciesMs, 0.99),
    bytesPerWatcher: (apiConnected.residentBytes - apiBefore.residentBytes) / watchers,
    proxyBytesPerWatcher: (proxyConnected.residentBytes - proxyBefore.residentBytes) / watchers,
    lost: watchers * commits - frames + after.lost,
  };
}

interface Servers {
  port: number;
  apiPids: number[];
  /** nginx, or the primary process. */
  proxyPids: number[];
}

async function startServers(
  { processes, entrance }: Setup,
  environment: Environment,
  stack: CloseStack,
): Promise<Servers> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  await writeFile(path.join(dataDir, 'access-token'), accessToken);
  const start = async (env: Record<string, string> = {}): Promise<RunlightProcess> =>
    stack.use(
      await startRunlight({
        DATABASE_URL: databaseUrl(environment.database),
        REDIS_URL: `redis://127.0.0.1:${environment.redisPort}`,
        DATA_DIR: dataDir,
        ROLES: 'api',
        SSE_CONNECTION_TIMEOUT: '3600000',
        ...env,
      }),
    );
  if (entrance === 'cluster') {
    const runlight = await start({ API_PROCESSES: String(processes) });
    const ready = runlight.lines().filter(({ msg }) => msg === 'this process is ready');
    return {
      port: Number(new URL(runlight.url).port),
      apiPids: ready.map((line) => line['pid'] as number),
      proxyPids: [runlight.pid],
    };
  }
  const started: RunlightProcess[] = [];
  for (let index = 0; index < processes; index += 1) started.push(await start());
  const apiPids = started.map(({ pid }) => pid);
  const urls = started.map(({ url }) => url);
  if (entrance === 'direct') return { port: Number(new URL(urls[0]!).port), apiPids, proxyPids: [] };
  const nginx = stack.use(await startNginx(urls));
  return { port: nginx.port, apiPids, proxyPids: nginx.pids };
}

/** A run under way. `commit` adds an entry with the version to its log, as a worker does. */
async function openRun({ db, redisPort }: Environment, stack: CloseStack) {
  const logger = { info() {}, warn() {} };
  const redis = { kind: 'server', host: '127.0.0.1', port: redisPort, db: 0 } as const;
  const bus = stack.use(await createRedisBus({ redis, logger }));
  const publisher = createPublisher({ bus, logger });
  stack.defer(() => publisher.flush());
  const writer: RunWriter = { db, publisher, queueStats: { changed() {} }, notifier: { wake() {} } };
  const runId = await beginRun(db, 'the benchmark', 1);
  // No worker sends signs of life for this run, so the sweeper would end it.
  const heartbeatAt = sql<string>`now() + interval '1 day'`;
  await db.updateTable('runs').set({ heartbeatAt }).where('id', '=', runId).execute();
  return {
    runId,
    async commit(version: number): Promise<void> {
      const text = `"status":"running" ${markerOf(version)}\n`;
      const run = await commitRun(writer, runId, {
        from: ['running'],
        events: [{ type: 'log', stream: 'stdout', text }],
      });
      if (!run) throw new Error('the run has ended');
    },
  };
}

function startClients(stack: CloseStack): Call<GeneratorHandlers> {
  const file = path.join(import.meta.dirname, 'generator.ts');
  const child: ChildProcess = fork(file, { execArgv: ['--import', 'tsx'] });
  stack.defer(async () => {
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
  });
  return callsTo(child, 'clients', callMs) as Call<GeneratorHandlers>;
}
