import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Bus } from '#server/bus/bus.ts';
import type { Database } from '#server/db/database.ts';
import type { Hub } from '#server/live/hub.ts';
import { countMissedStarts } from '#server/jobs/missed-starts.ts';
import { type Capacities, readQueueStats } from '#server/queue/stats.ts';

/** Metrics in Prometheus' text format. Gauges are read for each request of `/metrics`. */
export function createMetrics({
  db,
  hub,
  bus,
  capacities,
}: {
  db: Database;
  hub: Hub;
  bus: Bus;
  capacities: Capacities;
}): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('runlight_watchers', 'Open streams of this process.', () => hub.stats().watchers);
  gauge('runlight_bus_channels', 'Channels that this process is subscribed to.', () => bus.channelCount());
  gauge('runlight_bus_up', '1 while the bus delivers, 0 while watchers poll.', () => (bus.state === 'up' ? 1 : 0));
  gauge('runlight_bus_invalid_messages', 'Messages ignored since the start.', () => hub.stats().invalid);
  new Gauge({
    name: 'runlight_runs',
    help: 'Live runs, over all processes.',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      const { running, queued } = await readQueueStats(db, capacities);
      this.set({ status: 'running' }, running);
      this.set({ status: 'queued' }, queued);
    },
  });
  new Gauge({
    name: 'runlight_missed_starts',
    help: 'Scheduled starts of the last 24 hours that did not happen in time, over all processes.',
    labelNames: ['reason'],
    registers: [registry],
    async collect() {
      for (const [reason, count] of Object.entries(await countMissedStarts(db))) this.set({ reason }, count);
    },
  });
  return registry;
}
