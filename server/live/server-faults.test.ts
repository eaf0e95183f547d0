import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { createTestClient } from '#server/testing/client.ts';
import { testCluster } from '#server/testing/cluster.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { produce, queueRun } from '#server/testing/produce.ts';
import { startWatchers } from '#server/testing/watchers.ts';

test('while Redis is away watchers follow by polling, also those who come then, and nothing is lost', async () => {
  await using cluster = await testCluster({ bus: 'redis' });
  const api = await cluster.startApi();
  const runId = await queueRun(createTestClient(api));
  await using production = await produce(cluster.services, runId, { cases: 40 });
  using watchers = startWatchers({ servers: [api], runId, logs: 100, states: 50, cases: 50 });
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(50));

  await cluster.redis!.stop();
  await eventually(() => expect(cluster.services.bus.state).toBe('down'));
  using latecomers = startWatchers({ servers: [api], runId, logs: 10, states: 5, cases: 5 });
  // Two polls of 2 s each.
  for (let poll = 0; poll < 2; poll++) {
    const head = production.head();
    await eventually(() => expect(watchers.seq()).toBeGreaterThan(head));
  }
  expect(cluster.services.bus.state).toBe('down');
  await cluster.redis!.start();
  await eventually(() => expect(cluster.services.bus.state).toBe('up'));
  const head = production.head();
  await eventually(() => expect(Math.min(watchers.seq(), latecomers.seq())).toBeGreaterThan(head + 50));

  await production.finish('passed');
  const { reconnects } = await expectNothingLost('Redis away', watchers, cluster.services, runId);
  expect(reconnects).toBe(0);
  await expectNothingLost('Redis away, came meanwhile', latecomers, cluster.services, runId);
});

describe.each(['redis', 'postgres'] as const)('with %s as the bus', (bus) => {
  test('watchers outlive a restart of Postgres, and nothing is lost', async () => {
    const logger = { info() {}, warn() {} };
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
    let postgres = await startEmbeddedPostgres({ dataDir, logger });
    try {
      await using cluster = await testCluster({ bus, database: postgres.connection });
      const api = await cluster.startApi({ SSE_FALLBACK_INTERVAL: '3000' });
      const runId = await queueRun(createTestClient(api));
      await using production = await produce(cluster.services, runId, { cases: 40 });
      using watchers = startWatchers({ servers: [api], runId, logs: 100, states: 50, cases: 50 });
      await eventually(() => expect(watchers.seq()).toBeGreaterThan(50));

      await postgres[Symbol.asyncDispose]();
      // They lose their streams, too, and find nothing to read when they come back.
      watchers.cut();
      const reconnects = watchers.reconnects();
      await eventually(() => expect(watchers.reconnects()).toBeGreaterThanOrEqual(reconnects + 200));
      postgres = await startEmbeddedPostgres({ dataDir, logger });
      const head = production.head();
      await eventually(() => expect(watchers.seq()).toBeGreaterThan(head + 50));

      await production.finish('failed');
      await expectNothingLost(`Postgres restarted, ${bus} the bus`, watchers, cluster.services, runId);
    } finally {
      await postgres[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
