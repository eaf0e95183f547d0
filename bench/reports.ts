import { setTimeout as delay } from 'node:timers/promises';
import { createRedisBus } from '#server/bus/redis-bus.ts';
import { createDatabase } from '#server/db/database.ts';
import { createRunJournal } from '#server/execution/run-journal.ts';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { createPublisher } from '#server/live/publisher.ts';
import { type StartedContender, startContender } from './contender.ts';
import type { Environment } from './environment.ts';
import { beginRun } from './large-run-data.ts';
import { beginReportedSource, type Source } from './reported-load.ts';
import type { ReportsResult, ReportsRound } from './results.ts';
import { accessToken } from './serving.ts';
import { quantile } from './statistics.ts';
import { entry } from './writing.ts';

const suites = 20;
const eventsPerS = 50;
const turnMs = 10;
const cases = 100;
const workerId = 'the benchmark';
const giveUpMs = 60_000;

/**
 * Twenty suites report 50 events a second each, over Redis, and twenty runs of a worker do the same; each run has a watcher
 * of its log. The API's CPU for a reported event is what it takes more than while it only delivers what the worker writes.
 */
export async function measureReports(
  { database, redisPort, db }: Environment,
  { rounds, seconds }: { rounds: number; seconds: number },
  progress: (text: string) => void,
): Promise<ReportsResult> {
  const logger = { info() {}, warn() {} };
  await using stack = createCloseStack(() => {});
  const worker = createDatabase(database);
  stack.defer(worker.destroy);
  const bus = stack.use(
    await createRedisBus({ redis: { kind: 'server', host: '127.0.0.1', port: redisPort }, logger }),
  );
  const publisher = createPublisher({ bus, logger });
  stack.defer(() => publisher.flush());
  const writer = { db: worker.db, publisher, queueStats: { changed() {} }, notifier: { wake() {} } };
  const settings = { database, redisPort, pingIntervalMs: 30_000, fallbackIntervalMs: 3_600_000 };
  const contender = stack.use(await startContender('runlight', settings));

  async function beginWorkersRun(): Promise<Source> {
    const runId = await beginRun(db, workerId, cases);
    const { seq } = await db.selectFrom('runs').select('seq').where('id', '=', runId).executeTakeFirstOrThrow();
    const journal = createRunJournal({ writer, runId, workerId, seq, onLost: () => {} });
    // The journal writes within 50 ms.
    return { runId, record: journal.record, flush: () => delay(500) };
  }
  const ofWorker: Source[] = [];
  const reported: Source[] = [];
  for (let index = 0; index < suites; index += 1) {
    ofWorker.push(await beginWorkersRun());
    reported.push(await beginReportedSource(contender.port, `suite ${index}`, cases));
  }
  await watch(contender, [...ofWorker, ...reported]);
  const player = createPlayer(contender);
  progress('20 suites and 20 runs of a worker: warming up');
  await player.play(ofWorker, 2);
  await player.play(reported, 2);
  const result: ReportsResult = { suites, eventsPerS, rounds: [] };
  for (let round = 0; round < rounds; round += 1) {
    const byWorker = await player.play(ofWorker, seconds);
    const byReporter = await player.play(reported, seconds);
    const measured: ReportsRound = {
      workerCpuUs: byWorker.ownCpuUs / byWorker.events,
      ingestCpuUs: (byReporter.apiCpuUs - byWorker.apiCpuUs) / byReporter.events,
      latencyP50Ms: quantile(byReporter.latenciesMs, 0.5),
      latencyP99Ms: quantile(byReporter.latenciesMs, 0.99),
      workerP99Ms: quantile(byWorker.latenciesMs, 0.99),
    };
    result.rounds.push(measured);
    progress(
      `reports ${round + 1}/${rounds}: p99 ${measured.latencyP99Ms.toFixed(0)} ms (of a worker ${measured.workerP99Ms.toFixed(0)} ms), ${measured.ingestCpuUs.toFixed(0)} µs an event ` +
        `against ${measured.workerCpuUs.toFixed(0)} µs of a worker's`,
    );
  }
  return result;
}

async function watch(contender: StartedContender, sources: readonly Source[]): Promise<void> {
  const requests = sources.map(({ runId }) => {
    const input = encodeURIComponent(JSON.stringify({ runId }));
    return `GET /api/trpc/runs.onEvents?input=${input} HTTP/1.1\r\nhost: 127.0.0.1:${contender.port}\r\naccept: text/event-stream\r\nauthorization: Bearer ${accessToken}\r\n\r\n`;
  });
  const count = requests.length;
  await contender.probes('connect', { port: contender.port, requests, count, inFlight: count, websocket: false });
}

function createPlayer(contender: StartedContender) {
  let version = 0;
  let marked = 0;
  return {
    /** Lets events happen at their pace, and resolves when watchers have them all. */
    async play(sources: readonly Source[], seconds: number) {
      const recordedAtUs = new Map<number, number>();
      await contender.probes('recordArrivals');
      const [apiBefore, ownBefore] = [await contender.server('usage'), process.cpuUsage()];
      const startedAt = performance.now();
      const total = suites * eventsPerS * seconds;
      for (let turn = 1, made = 0; made < total; turn += 1) {
        for (; made < (total * turn * turnMs) / (seconds * 1_000); made += 1) {
          version += 1;
          const event = entry(version);
          // The run knows the titles of its cases: a state of one shows no marker.
          if (event.type !== 'case') {
            marked += 1;
            recordedAtUs.set(version, Number(process.hrtime.bigint() / 1_000n));
          }
          sources[made % sources.length]!.record(
            'caseIndex' in event ? { ...event, caseIndex: version % cases } : event,
          );
        }
        const restMs = startedAt + turn * turnMs - performance.now();
        if (restMs > 0) await delay(restMs);
      }
      await Promise.all(sources.map((source) => source.flush()));
      if (!(await contender.probes('waitFor', { frames: marked, withinMs: giveUpMs })))
        throw new Error(`not all of ${marked} events have reached their watchers within ${giveUpMs} ms`);
      const { user, system } = process.cpuUsage(ownBefore);
      const apiCpuUs = (await contender.server('usage')).cpuUs - apiBefore.cpuUs;
      const arrivals = await contender.probes('arrivals');
      const latenciesMs = arrivals.flatMap((it) => {
        const recordedUs = recordedAtUs.get(it.version);
        return recordedUs === undefined ? [] : [(it.atUs - recordedUs) / 1_000];
      });
      return { events: total, ownCpuUs: user + system, apiCpuUs, latenciesMs };
    },
  };
}
