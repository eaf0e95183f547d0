import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Bus } from '#server/bus/bus.ts';
import { version } from '#server/config/installation.ts';
import type { Database } from '#server/db/database.ts';
import { countMissedStarts } from '#server/jobs/missed-starts.ts';
import { within } from '#server/lib/within.ts';
import type { Hub } from '#server/live/hub.ts';
import { countWaiting } from '#server/notifications/count-waiting.ts';
import type { RunQueue } from '#server/queue/run-queue.ts';
import { type Capacities, readQueueStats } from '#server/queue/stats.ts';
import { countRunsOfToday } from '#server/runs/run-days.ts';
import { countWorkers } from '#server/workers/queries.ts';
import { addGauge, addGauges, shareRead } from './gauges.ts';

/** What does not answer within this time is down, in ms. Less than a gauge has to be read. */
const answersWithinMs = 2_000;

export interface MetricSources {
  db: Database;
  /** Connections of this process to the database. */
  databasePool: { totalCount: number; idleCount: number; waitingCount: number };
  hub: Hub;
  bus: Bus;
  runQueue: RunQueue;
  capacities: Capacities;
}

/** What `/metrics` answers. */
export type MetricsPage = Pick<Registry, 'contentType' | 'metrics'>;

/** Metrics in Prometheus' text format. Gauges are read for each request of `/metrics`. `docs/operations/metrics.md` describes all. */
export function createMetrics(sources: MetricSources): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addGauges(registry, ['runlight_info', 'version'], 'Version of this process; always 1.', () => ({ [version]: 1 }));
  // First: the queries of the others wait for connections, too.
  addDatabase(registry, sources);
  addLive(registry, sources);
  addQueue(registry, sources);
  return registry;
}

function addLive(registry: Registry, { hub, bus, db }: MetricSources): void {
  addGauge(registry, 'runlight_watchers', 'Open streams of this process.', () => hub.stats().watchers);
  addGauge(registry, 'runlight_bus_channels', 'Channels that this process is subscribed to.', () => bus.channelCount());
  addGauge(registry, 'runlight_bus_up', '1 while the bus delivers, 0 while watchers poll.', () =>
    bus.state === 'up' ? 1 : 0,
  );
  addGauge(registry, 'runlight_bus_invalid_messages', 'Messages ignored since the start.', () => hub.stats().invalid);
  addGauge(
    registry,
    'runlight_bus_delivery_seconds',
    'Time of a message from this process over the bus and back, measured now.',
    () => measureDelivery(bus),
  );
  const waiting = shareRead(() => countWaiting(db));
  addGauge(
    registry,
    'runlight_notifications_waiting',
    'Notifications that are not delivered yet, over all processes.',
    async () => (await waiting()).count,
  );
  addGauge(
    registry,
    'runlight_notifications_wait_seconds',
    'Age of the oldest of them; 0 if there is none.',
    async () => (await waiting()).oldestSeconds,
  );
}

function addQueue(registry: Registry, { db, runQueue, capacities }: MetricSources): void {
  const stats = shareRead(() => readQueueStats(db, capacities));
  addGauges(registry, ['runlight_runs', 'status'], 'Live runs, over all processes.', async () => {
    const { running, queued } = await stats();
    return { running, queued };
  });
  addGauges(
    registry,
    ['runlight_runs_capacity', 'status'],
    'Runs that may run and wait: RUNNING_CAPACITY and QUEUED_CAPACITY.',
    () => ({ running: capacities.runningCapacity, queued: capacities.queuedCapacity }),
  );
  addGauge(
    registry,
    'runlight_queue_wait_seconds',
    'Time for which the oldest queued run has waited; 0 if none waits.',
    async () => {
      const { oldestQueuedAt } = await stats();
      return oldestQueuedAt === null ? 0 : Math.max(0, Date.now() - Date.parse(oldestQueuedAt)) / 1_000;
    },
  );
  addGauge(registry, 'runlight_queue_up', '1 while the queue answers, else 0.', () => isUp(runQueue.ping()));
  addGauges(
    registry,
    ['runlight_runs_ended_today', 'result'],
    'Runs that ended with a verdict since midnight (UTC), and flaky cases of them, over all processes.',
    () => countRunsOfToday(db),
  );
  const workers = shareRead(() => countWorkers(db));
  addGauge(registry, 'runlight_workers', 'Workers that give signs of life.', async () => (await workers()).count);
  addGauge(
    registry,
    'runlight_workers_slots',
    'Runs that they execute at once: the sum of WORKER_CONCURRENCY.',
    async () => (await workers()).slots,
  );
  addGauges(
    registry,
    ['runlight_missed_starts', 'reason'],
    'Scheduled starts of the last 24 hours that did not happen in time, over all processes.',
    () => countMissedStarts(db),
  );
}

function addDatabase(registry: Registry, { db, databasePool }: MetricSources): void {
  addGauges(
    registry,
    ['runlight_database_connections', 'state'],
    'Connections of this process for queries: used and idle ones, and queries that wait for one.',
    () => ({
      used: databasePool.totalCount - databasePool.idleCount,
      idle: databasePool.idleCount,
      waiting: databasePool.waitingCount,
    }),
  );
  const ping = shareRead(async () => {
    const startedAt = performance.now();
    await sql`select 1`.execute(db);
    return (performance.now() - startedAt) / 1_000;
  });
  addGauge(registry, 'runlight_database_up', '1 while PostgreSQL answers, else 0.', () => isUp(ping()));
  addGauge(
    registry,
    'runlight_database_query_seconds',
    'Time of the smallest query, with waiting for a connection.',
    ping,
  );
}

const isUp = (answer: Promise<unknown>) =>
  within(answersWithinMs, answer, 'no answer').then(
    () => 1,
    () => 0,
  );

/** In seconds; undefined while the bus is down. */
async function measureDelivery(bus: Bus): Promise<number | undefined> {
  if (bus.state === 'down') return undefined;
  const channel = `probe:${randomUUID()}`;
  let onArrival = () => {};
  const arrived = new Promise<void>((resolve) => (onArrival = resolve));
  const release = await bus.subscribe(channel, onArrival);
  const startedAt = performance.now();
  try {
    await bus.publish([{ channel, message: '{}' }]);
    await within(answersWithinMs, arrived, 'the message did not arrive');
    return (performance.now() - startedAt) / 1_000;
  } finally {
    release();
  }
}
