import { setTimeout as delay } from 'node:timers/promises';
import type { RunEventBody } from '#shared/events.ts';
import { createPostgresBus } from '#server/bus/postgres-bus.ts';
import { createDatabase } from '#server/db/database.ts';
import { createRunJournal } from '#server/execution/run-journal.ts';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { createPublisher } from '#server/live/publisher.ts';
import { startContender } from './contender.ts';
import type { Environment } from './environment.ts';
import { beginRun } from './large-run-data.ts';
import { markerOf } from './marker.ts';
import type { WritingResult } from './results.ts';
import { quantile } from './statistics.ts';
import { accessToken } from './serving.ts';

const entriesPerS = 2_500;
const turnMs = 10;
const watchers = 10;
const cases = 500;
const workerId = 'the benchmark';
const giveUpMs = 60_000;

/**
 * A worker writes into one run as the reporter of a busy suite does: steps, output, and states of cases. Postgres is the
 * only server: the database, and the bus to the API's process, which has a few watchers of the log.
 */
export async function measureWriting({ database }: Environment, seconds: number): Promise<WritingResult> {
  const logger = { info() {}, warn() {} };
  await using stack = createCloseStack(() => {});
  const { db, pool, destroy } = createDatabase(database);
  stack.defer(destroy);
  const bus = stack.use(await createPostgresBus({ pool, connection: database, logger }));
  const publisher = createPublisher({ bus, logger });
  stack.defer(() => publisher.flush());
  const writer = { db, publisher, queueStats: { changed() {} }, notifier: { wake() {} } };
  const settings = { database, redisPort: 0, pingIntervalMs: 30_000, fallbackIntervalMs: 3_600_000 };
  const contender = stack.use(await startContender('runlight', settings));
  const runId = await beginRun(db, workerId, cases);
  const { seq } = await db.selectFrom('runs').select('seq').where('id', '=', runId).executeTakeFirstOrThrow();
  const input = encodeURIComponent(JSON.stringify({ runId }));
  const request = `GET /api/trpc/runs.onEvents?input=${input} HTTP/1.1\r\nhost: 127.0.0.1:${contender.port}\r\naccept: text/event-stream\r\nauthorization: Bearer ${accessToken}\r\n\r\n`;
  await contender.probes('connect', {
    port: contender.port,
    requests: [request],
    count: watchers,
    inFlight: watchers,
    websocket: false,
  });
  const journal = createRunJournal({ writer, runId, workerId, seq, onLost: () => {} });
  const recordedAtUs = new Map<number, number>();
  let version = 0;

  async function write(total: number, perTurn: number) {
    const startedAt = performance.now();
    for (let turn = 1; version < total; turn += 1) {
      for (let count = 0; count < perTurn; count += 1) {
        version += 1;
        recordedAtUs.set(version, Number(process.hrtime.bigint() / 1_000n));
        journal.record(entry(version));
      }
      const restMs = startedAt + turn * turnMs - performance.now();
      if (restMs > 0) await delay(restMs);
    }
    if (!(await contender.probes('waitFor', { version, withinMs: giveUpMs })))
      throw new Error(`not all entries have reached everybody within ${giveUpMs} ms`);
    return performance.now() - startedAt;
  }

  const perTurn = (entriesPerS * turnMs) / 1_000;
  // What is compiled at run time.
  await write(entriesPerS, perTurn);
  await contender.probes('recordArrivals');
  const begun = version;
  const durationMs = await write(begun + entriesPerS * seconds, perTurn);
  const arrivals = await contender.probes('arrivals');
  const latenciesMs = arrivals.map((it) => (it.atUs - recordedAtUs.get(it.version)!) / 1_000);
  const entries = version - begun;
  const fastMs = await write(version + 20_000, 20_000);
  const { seq: written } = await db.selectFrom('runs').select('seq').where('id', '=', runId).executeTakeFirstOrThrow();
  if (written !== seq + version) throw new Error(`${written - seq} of ${version} entries were written`);
  return {
    entriesPerS: entries / (durationMs / 1_000),
    mostPerS: 20_000 / (fastMs / 1_000),
    latencyP50Ms: quantile(latenciesMs, 0.5),
    latencyP99Ms: quantile(latenciesMs, 0.99),
  };
}

/** Of 20 entries one is the state of a case and three are output. */
export function entry(n: number): RunEventBody {
  const caseIndex = Math.floor(n / 40) % cases;
  const marker = markerOf(n);
  if (n % 20 === 0)
    return {
      type: 'case',
      index: caseIndex,
      caseId: '',
      part: 0,
      position: 0,
      project: '',
      file: '',
      title: `checkout › pays by card ${marker}`,
      status: n % 40 === 0 ? 'running' : 'passed',
      attempt: 0,
      flaky: false,
      quarantined: false,
      duration: n % 40 === 0 ? null : 120,
      error: null,
    };
  if (n % 20 < 4)
    return { type: 'log', stream: 'stdout', text: `GET /api/cart 200 ${marker}\n`, position: 0, caseIndex, attempt: 0 };
  return {
    type: 'step',
    position: 0,
    caseIndex,
    attempt: 0,
    id: `s${Math.floor(n / 2)}`,
    parentId: 'c1',
    category: 'pw:api',
    title: `Click getByRole('button', { name: 'Add to cart' }) ${marker}`,
    status: n % 2 === 0 ? 'running' : 'passed',
    duration: n % 2 === 0 ? null : 12,
    error: null,
    line: 12,
  };
}
