import { expect, test } from 'vitest';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { createTestClient } from '#server/testing/client.ts';
import { testCluster } from '#server/testing/cluster.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { produce, queueRun } from '#server/testing/produce.ts';
import { startWatchers } from '#server/testing/watchers.ts';

test('watchers of a process that is killed go on in another, and miss nothing', async () => {
  await using cluster = await testCluster({ bus: 'redis' });
  const [a, b] = await Promise.all([cluster.startApi(), cluster.startApi()]);
  const runId = await queueRun(createTestClient(a));
  await using production = await produce(cluster.services, runId, { cases: 40 });
  using watchers = startWatchers({ servers: [a, b], runId, logs: 100, states: 50, cases: 50 });
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(50));
  expect(watchers.reconnects()).toBe(0);

  a.kill('SIGKILL');
  await a.exit;
  const headWhenKilled = production.head();
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(headWhenKilled + 50));
  await production.finish('passed');
  const { reconnects } = await expectNothingLost('process killed', watchers, cluster.services, runId);
  expect(reconnects).toBeGreaterThanOrEqual(200);
  expect(production.garbage()).toBeGreaterThan(0);
});

test('a process that is asked to go ends 500 streams one after the other, not for good, and they go on in another', async () => {
  await using cluster = await testCluster({ bus: 'redis' });
  const [a, b] = await Promise.all([cluster.startApi(), cluster.startApi()]);
  const runId = await queueRun(createTestClient(a));
  await using production = await produce(cluster.services, runId);
  using watchers = startWatchers({ servers: [a, b], runId, logs: 250, states: 250 });
  await eventually(() => expect(watchers.open()).toBe(500));
  await eventually(() => expect(watchers.version()).toBeGreaterThan(2));

  a.kill('SIGTERM');
  // Some have to go while others are still served.
  await eventually(() => expect(watchers.reconnects()).toBeGreaterThan(0));
  expect(watchers.reconnects()).toBeLessThan(250);
  expect(await a.exit).toBe(0);
  expect(watchers.completed()).toBe(0);
  const headAtExit = production.head();
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(headAtExit));
  await production.finish('failed');
  const { reconnects } = await expectNothingLost('process asked to go', watchers, cluster.services, runId);
  // Each stream ended once, and at most one attempt failed: no client was led back to the process that ended.
  expect(reconnects).toBeGreaterThanOrEqual(500);
  expect(reconnects).toBeLessThanOrEqual(1_000);
});

test('when processes cancel and finish a run at once, one of them does, and all watchers agree on which', async () => {
  await using cluster = await testCluster({ bus: 'redis' });
  const other = await cluster.openServices();
  const [a, b] = await Promise.all([cluster.startApi(), cluster.startApi()]);
  const clients = [createTestClient(a), createTestClient(b)];

  // One run that is watched by many, and many that are watched by few.
  const watched = await queueRun(clients[0]!);
  await using production = await produce(cluster.services, watched);
  using onA = startWatchers({ servers: [a], runId: watched, logs: 50, states: 50 });
  using onB = startWatchers({ servers: [b], runId: watched, logs: 50, states: 50 });
  await eventually(() => expect(Math.min(onA.version(), onB.version())).toBeGreaterThan(2));
  const winners = (
    await Promise.all([
      commitRun(cluster.services, watched, { from: ['running'], to: 'passed' }),
      commitRun(other, watched, { from: ['running'], to: 'cancelled' }),
      commitRun(other, watched, { from: ['queued', 'running'], to: 'error' }),
    ])
  ).filter((run) => run !== undefined);
  expect(winners).toHaveLength(1);
  await production.finish('passed');
  for (const watchers of [onA, onB]) {
    await expectNothingLost('cancelled and finished at once', watchers, cluster.services, watched);
    expect(watchers.verdicts()).toEqual([winners[0]!.status]);
  }

  // Many runs that are watched by few, at every stage of their lives.
  const verdicts = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const runId = await queueRun(clients[0]!);
      using few = startWatchers({ servers: [a], runId, logs: 1, states: 1 });
      using others = startWatchers({ servers: [b], runId, logs: 1, states: 1 });
      await eventually(() => expect(few.open() + others.open()).toBe(4));
      await Promise.allSettled([
        ...clients.map(({ api }) => api.runs.cancel.mutate({ runId })),
        commitRun(cluster.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' }),
        commitRun(other, runId, { from: ['queued', 'running'], to: 'passed' }),
      ]);
      // Unless it was cancelled while it ran: then its worker, who is none, would end it.
      await commitRun(other, runId, { from: ['queued', 'running'], to: 'cancelled' });
      await Promise.all([few.ended, others.ended]);
      const log = await cluster.services.db
        .selectFrom('runEvents')
        .select('payload')
        .where('runId', '=', runId)
        .execute();
      const ends = log.flatMap(({ payload: { type, status } }) =>
        type === 'status' && isTerminal(status as RunStatus) ? [status] : [],
      );
      expect(ends).toHaveLength(1);
      for (const watchers of [few, others]) {
        expect(watchers.verdicts()).toEqual(ends);
        expect(watchers.count({ entries: log.length })).toMatchObject({ lost: 0, doubled: 0 });
      }
      return ends[0];
    }),
  );
  console.log(`cancelled and finished at once, 10 more runs: ${verdicts.join(', ')}`);
});
