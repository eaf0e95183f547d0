// Measures Runlight's streams side by side with other ways to do the same; options.ts has the usage.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { type CloseStack, createCloseStack } from '#server/lib/close-stack.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { measureArtifacts } from './artifacts.ts';
import { budgetsOf } from './budgets.ts';
import { type StartedContender, startContender } from './contender.ts';
import type { ContenderName } from './contenders.ts';
import { type Plan, playRounds, warmUp } from './deliver.ts';
import { type Environment, openEnvironment } from './environment.ts';
import { growthFallbackIntervalMs, measureGrowth } from './growth.ts';
import { idlePingIntervalMs, measureIdle } from './idle.ts';
import { measureLargeRuns } from './large-runs.ts';
import { type Options, readOptions, usage } from './options.ts';
import { plotFanOut } from './plot.ts';
import { measureProcesses } from './processes.ts';
import { printProfiles } from './profile.ts';
import { report } from './report.ts';
import { measureReports } from './reports.ts';
import type { DeliveryWorkload, Results } from './results.ts';
import { measureReporter } from './reporter-cost.ts';
import { measureSuites } from './suites.ts';
import { listen, type ServerSettings } from './serving.ts';
import { createTraffic } from './traffic.ts';

const root = path.dirname(import.meta.dirname);
const giveUpAfterMs = 60 * 60_000;

/** For those that take much longer per event, connection or client than the others. */
const slow: ReadonlySet<ContenderName> = new Set(['handwritten', 'stock']);

const startedAt = performance.now();
function progress(text: string) {
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`${`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`.padStart(5)}  ${text}`);
}

/** Runlight is measured as it is built. */
function build() {
  progress('building the server');
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the server does not build; see above');
}

async function main(options: Options, stack: CloseStack): Promise<void> {
  build();
  progress('starting Postgres and Redis');
  const environment = await openEnvironment(stack);
  const results: Results = {
    startedAt: new Date().toISOString(),
    durationS: 0,
    isQuick: options.isQuick,
    machine: {
      processor: os.cpus()[0]?.model ?? 'unknown',
      cores: os.availableParallelism(),
      system: `${os.type()} ${os.release()}`,
      node: process.version,
    },
    deliveries: [],
    idle: [],
    growth: [],
  };
  const profileDir = options.profile && path.join(os.tmpdir(), `runlight-bench-profile-${process.pid}`);
  if (['fan-out', 'burst', 'many'].some((name) => options.workloads.has(name)))
    await measureDeliveries(options, environment, stack, results, profileDir);
  if (options.workloads.has('idle')) await measureAllIdle(options, environment, stack, results, profileDir);
  if (options.workloads.has('growth')) await measureAllGrowth(options, environment, stack, results);
  if (options.workloads.has('large')) results.large = await measureLargeRuns(environment, progress);
  if (options.workloads.has('reporter')) results.reporter = await measureReporter(options.isQuick ? 3 : 7, progress);
  if (options.workloads.has('reports'))
    results.reports = await measureReports(environment, { rounds: 5, seconds: 5 }, progress);
  if (options.workloads.has('artifacts')) results.artifacts = await measureArtifacts(progress);
  if (options.workloads.has('suites')) results.suites = await measureSuites(environment, progress);
  if (options.workloads.has('processes'))
    results.processes = await measureProcesses(environment, { isQuick: options.isQuick, progress });
  results.durationS = Math.round((performance.now() - startedAt) / 1_000);

  console.log(`\n${report(results)}`);
  if (profileDir) await printProfiles(profileDir);
  if (options.outDir) {
    await mkdir(options.outDir, { recursive: true });
    await writeFile(path.join(options.outDir, 'results.md'), `${report(results)}\n`);
    await writeFile(path.join(options.outDir, 'results.json'), `${JSON.stringify(results, undefined, 1)}\n`);
    await writeFile(path.join(options.outDir, 'fan-out.svg'), plotFanOut(results));
    progress(`written to ${path.relative(process.cwd(), options.outDir)}`);
  }
  const missed = budgetsOf(results).filter((budget) => !budget.isMet);
  progress(missed.length === 0 ? 'all budgets measured here are kept' : `${missed.length} budgets are missed`);
}

async function measureDeliveries(
  options: Options,
  environment: Environment,
  stack: CloseStack,
  results: Results,
  profileDir: string | undefined,
): Promise<void> {
  const { names, workloads, isQuick, rounds } = options;
  const traffic = createTraffic(environment.redis);
  const collector = createServer((req, res) => void req.resume().on('end', () => res.end()));
  stack.defer(() => collector.close().closeAllConnections());
  const settings = {
    ...environment,
    pingIntervalMs: 30_000,
    fallbackIntervalMs: 30_000,
    collector: `http://127.0.0.1:${await listen(collector)}`,
  };
  const started: { contender: StartedContender; runId: string }[] = [];
  await using group = createCloseStack(() => {});
  stack.use(group);
  for (const name of names) {
    progress(`${name}: starting`);
    const profile = name === options.profile ? { profileDir } : {};
    const contender = group.use(await startContender(name, serverSettings(settings), profile));
    const [runId] = await environment.createRuns(1);
    started.push({ contender, runId: runId! });
  }

  async function addWatchers(count: number, withProbes: boolean) {
    for (const { contender, runId } of started) {
      progress(`${contender.name}: ${count} more watchers of one run`);
      await contender.connect({ runIds: [runId], count, withProbes });
      await warmUp({ contender, runIds: [runId] }, traffic, contender.name === 'stock' ? 3 : 15);
    }
  }
  async function play(workload: DeliveryWorkload, plans: Plan[], count: number) {
    const deliveries = await playRounds(workload, plans, {
      traffic,
      rounds: count,
      onRound({ contender }, { cpuUs, delivered, expected, latencyP99Ms }, round) {
        const share = delivered === expected ? '' : `, ${Math.round((delivered / expected) * 100)} % of the events`;
        const latency = Number.isNaN(latencyP99Ms) ? '' : `, p99 ${latencyP99Ms.toFixed(1)} ms`;
        progress(
          `${workload} ${round + 1}/${count} ${contender.name}: ${cpuUs.toFixed(2)} µs an event${latency}${share}`,
        );
      },
    });
    results.deliveries.push(...deliveries);
  }
  const oneByOne = (events: { fast: number; handwritten: number; stock: number }, everyMs: number): Plan[] =>
    started.map(({ contender, runId }) => {
      const { name } = contender;
      const count = name === 'stock' || name === 'handwritten' ? events[name] : events.fast;
      return { contender, runIds: [runId], steps: Array.from({ length: count }, () => [runId]), everyMs };
    });

  if (workloads.has('fan-out') || workloads.has('burst')) await addWatchers(1_000, true);
  if (workloads.has('fan-out')) await play('one-1000', oneByOne({ fast: 40, handwritten: 25, stock: 5 }, 40), rounds);
  if (workloads.has('burst')) {
    const plans = started.map(({ contender, runId }) => ({
      contender,
      runIds: [runId],
      steps: [Array.from({ length: 200 }, () => runId)],
      everyMs: 0,
    }));
    await play('burst', plans, 3);
  }
  if (workloads.has('fan-out') && !isQuick) {
    await addWatchers(3_000, false);
    await play('one-4000', oneByOne({ fast: 12, handwritten: 8, stock: 2 }, 100), rounds);
  }
  for (const { contender } of started) await contender.disconnect();

  if (workloads.has('many')) {
    const runCount = 100;
    const together = 20;
    const plans: Plan[] = [];
    for (const { contender } of started) {
      const runIds = await environment.createRuns(runCount);
      progress(`${contender.name}: 1000 watchers of ${runCount} runs`);
      await contender.connect({ runIds, count: 1_000 });
      await warmUp({ contender, runIds }, traffic, contender.name === 'stock' ? 3 : 15);
      const steps = Array.from({ length: contender.name === 'stock' ? 15 : 80 }, (_, index) => {
        const start = (index * together) % runCount;
        return runIds.slice(start, start + together);
      });
      plans.push({ contender, runIds, steps, everyMs: 20 });
    }
    await play('many', plans, 3);
  }
}

async function measureAllIdle(
  { names, isQuick, profile }: Options,
  environment: Environment,
  stack: CloseStack,
  results: Results,
  profileDir: string | undefined,
): Promise<void> {
  const settings = { ...environment, pingIntervalMs: idlePingIntervalMs, fallbackIntervalMs: 30_000 };
  for (const name of names) {
    if ((isQuick && slow.has(name)) || name === 'traced') continue;
    const clients = slow.has(name) ? 2_000 : isQuick ? 4_000 : 10_000;
    progress(`${name}: ${clients} idle clients`);
    const runIds = await environment.createRuns(1);
    await using contender = stack.use(
      await startContender(name, serverSettings(settings), name === profile ? { profileDir } : {}),
    );
    const idle = await measureIdle(contender, {
      runIds,
      clients,
      ...(isQuick ? { listenMs: 4_000, reconnectTimes: 1 } : { listenMs: 6_000, reconnectTimes: 3 }),
    });
    results.idle.push(idle);
    progress(
      `${name}: ${(idle.residentBytes / 1024).toFixed(1)} KiB a client, ${idle.pingCpuUs.toFixed(1)} µs a ping, ` +
        `${idle.reconnects.map((herd) => herd.cpuUs.toFixed(0)).join(', ')} µs a client that comes back`,
    );
  }
}

async function measureAllGrowth(
  { names, isQuick }: Options,
  environment: Environment,
  stack: CloseStack,
  results: Results,
): Promise<void> {
  const settings = { ...environment, pingIntervalMs: 30_000, fallbackIntervalMs: growthFallbackIntervalMs };
  const sizes = isQuick ? [1, 100, 1_000] : [1, 100, 1_000, 10_000];
  for (const name of names.filter((it) => it === 'handwritten' || it === 'runlight')) {
    progress(`${name}: growing`);
    const connectionsBefore = await environment.redisConnections();
    const runIds = await environment.createRuns(100);
    await using contender = stack.use(await startContender(name, serverSettings(settings)));
    const growth = await measureGrowth(contender, {
      environment,
      runIds,
      sizes: slow.has(name) ? sizes.filter((size) => size <= 1_000) : sizes,
      connectionsBefore,
    });
    results.growth.push(...growth);
  }
}

/** What can be sent to another process. */
const serverSettings = ({
  database,
  redisPort,
  pingIntervalMs,
  fallbackIntervalMs,
  collector,
}: Pick<Environment, 'database' | 'redisPort'> & Omit<ServerSettings, 'database' | 'redisPort'>): ServerSettings => ({
  database,
  redisPort,
  pingIntervalMs,
  fallbackIntervalMs,
  ...(collector !== undefined && { collector }),
});

const stack = createCloseStack((error) => console.error(`could not close: ${errorMessage(error)}`));
let isStopping = false;
async function stop(reason: string) {
  if (isStopping) process.exit(1);
  isStopping = true;
  console.error(`\n${reason}: stopping; once more to stop at once`);
  await stack[Symbol.asyncDispose]();
  process.exit(1);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal));
setTimeout(() => void stop('it takes too long'), giveUpAfterMs).unref();

let options: Options | undefined;
try {
  options = readOptions();
} catch (error) {
  console.error(`${errorMessage(error)}\n\n${usage}`);
  process.exitCode = 1;
}
if (options)
  try {
    await main(options, stack);
  } catch (error) {
    if (!isStopping) console.error(`The benchmark failed: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  } finally {
    await stack[Symbol.asyncDispose]();
  }
