import { describe, expect, test } from 'vitest';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { sweepOnce } from '#server/maintenance/sweeper.ts';
import { createRunConsumer } from '#server/queue/run-queue.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { createTestClient } from '#server/testing/client.ts';
import { testCluster } from '#server/testing/cluster.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { produce } from '#server/testing/produce.ts';
import { redisOf } from '#server/testing/redis.ts';
import { type RedisTopology, startTopology } from '#server/testing/redis-topologies.ts';
import { passing } from '#server/testing/scripts.ts';
import { startWatchers } from '#server/testing/watchers.ts';

/** What the master gets from now on is lost with it. */
async function stopReplication({ master, replicas, admin }: RedisTopology) {
  for (const replica of replicas) await admin(replica).config('SET', 'masterauth', 'wrong');
  const toMaster = admin(master);
  await eventually(async () => {
    await toMaster.call('CLIENT', 'KILL', 'TYPE', 'replica');
    expect(await toMaster.info('replication')).toContain('connected_slaves:0');
  });
}

describe.each([
  ['sentinel', 200],
  ['cluster', 40],
] as const)('when the master of a %s is killed', (kind, runs) => {
  test(`${runs} watched runs go on, and the queue gets back what was lost`, async () => {
    await using redis = await startTopology(kind);
    await using cluster = await testCluster({ bus: 'redis', redis: redis.env });
    const { services } = cluster;
    const api = await cluster.startApi();
    const { tests } = createTestClient(api).api;
    const { id: testId } = await tests.create.mutate({ name: 'Watched', script: passing });
    const start = async (count: number) => {
      const started = await Promise.all(Array.from({ length: count }, () => tests.run.mutate({ testId })));
      return started.map(({ runId }) => runId);
    };

    await using stack = createCloseStack((error) => {
      throw error;
    });
    const watched = await Promise.all(
      (await start(runs)).map(async (runId) => {
        await services.runQueue.remove(runId);
        const production = stack.use(await produce(services, runId, { paceMs: 2_000 }));
        return { runId, production, watchers: stack.use(startWatchers({ servers: [api], runId, logs: 1, states: 1 })) };
      }),
    );
    const seqs = () => watched.map(({ watchers }) => watchers.seq());
    const heads = () => watched.map(({ production }) => production.head());
    const expectNews = async () => {
      const before = heads();
      await eventually(() => expect(seqs().every((seq, index) => seq > before[index]!)).toBe(true));
    };
    await eventually(() => expect(seqs().every((seq) => seq > 1)).toBe(true));

    // A worker in the middle of as many runs as may run at once.
    const taken: string[] = [];
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    stack.use(
      await createRunConsumer({
        backend: { kind: 'redis', redis: redisOf(redis.env) },
        concurrency: 10,
        logger: services.logger,
        async process(runId) {
          if (!(await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' }))) return;
          taken.push(runId);
          const heartbeatAt = new Date(Date.now() + 3_600_000).toISOString();
          await services.db.updateTable('runs').set({ heartbeatAt }).where('id', '=', runId).execute();
          await released;
          await commitRun(services, runId, { from: ['running'], to: 'passed' });
        },
      }),
    );
    // Closing the worker waits for its runs.
    stack.defer(release);
    const running = await start(5);
    await eventually(() => expect(taken).toHaveLength(5));

    await stopReplication(redis);
    const waiting = await start(20);
    const setQueuedAt = (queuedAt: string) =>
      services.db.updateTable('runs').set({ queuedAt }).where('id', 'in', waiting).execute();
    // Not yet for the sweeper of the other process.
    await setQueuedAt(new Date(Date.now() + 3_600_000).toISOString());
    await redis.master.stop();
    await eventually(() => expect(services.bus.state).toBe('down'));
    waiting.push(...(await start(1)));
    await expectNews();
    expect(services.bus.state).toBe('down');
    const ready = await fetch(`${api.url}/readyz`);
    expect(ready.status).toBe(503);

    const failover = performance.now();
    await redis.failOver();
    await eventually(() => expect(services.bus.state).toBe('up'));
    const tookMs = Math.round(performance.now() - failover);
    const carried = () => Promise.all(waiting.map((runId) => services.runQueue.carries(runId)));
    const lost = (await eventually(carried)).filter((isThere) => !isThere).length;
    await eventually(async () => expect((await fetch(`${api.url}/readyz`)).status).toBe(200));
    await expectNews();

    await Promise.all(watched.map(({ production }) => production.finish('passed')));
    const counts = await Promise.all(
      watched.map(({ watchers, runId }) => expectNothingLost('', watchers, services, runId, () => {})),
    );

    await setQueuedAt('2020-01-01T00:00:00Z');
    await eventually(async () => {
      await sweepOnce({ ...services, syncSchedules: async () => {} }, { silentMs: undefined });
      expect(await carried()).not.toContain(false);
    });
    release();
    const later = await start(5);
    const all = [...running, ...waiting, ...later];
    await eventually(() => expect(taken).toHaveLength(all.length));
    expect(taken.toSorted()).toEqual(all.toSorted());
    await eventually(async () => {
      const rows = await services.db.selectFrom('runs').select('status').where('id', 'in', all).execute();
      expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['passed']));
    });
    const sum = (key: keyof (typeof counts)[number]) => counts.reduce((total, count) => total + count[key], 0);
    const streams = {
      streams: sum('watchers'),
      sent: sum('sent'),
      delivered: sum('delivered'),
      lost: sum('lost'),
      doubled: sum('doubled'),
    };
    const queue = { waiting: waiting.length, lostByRedis: lost, executed: taken.length };
    console.log(`${kind} failed over within ${tookMs} ms: ${JSON.stringify({ ...streams, queue })}`);
    expect(lost).toBe(waiting.length);
    expect(sum('reconnects')).toBe(0);
  });
});
