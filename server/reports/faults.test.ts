import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Services } from '#server/open-services.ts';
import { createTestClient } from '#server/testing/client.ts';
import { testCluster } from '#server/testing/cluster.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { beginInput } from '#server/testing/played-reporter.ts';
import { type Reporting, startReporting } from '#server/testing/reporting.ts';
import { startWatchers } from '#server/testing/watchers.ts';

/** Expects every entry in the log exactly once, in the order in which they were made. */
async function expectAllStored({ db }: Services, { runId, made, irregular }: Reporting): Promise<void> {
  const { acknowledged, irregular: left } = await db
    .selectFrom('runParts')
    .select(['acknowledged', 'irregular'])
    .where('runId', '=', runId)
    .executeTakeFirstOrThrow();
  expect([acknowledged, left]).toEqual([made(), 0]);
  const log = await db
    .selectFrom('runEvents')
    .select('payload')
    .where('runId', '=', runId)
    .where('type', '=', 'log')
    .orderBy('seq')
    .execute();
  const numbers = log.map(({ payload }) => Number(String(payload['text']).replace('entry ', '')));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
  const { steps } = await db
    .selectFrom('runEvents')
    .select((eb) => eb.fn.countAll<number>().as('steps'))
    .where('runId', '=', runId)
    .where('type', '=', 'step')
    .executeTakeFirstOrThrow();
  const cases = await db.selectFrom('runCases').select('status').where('runId', '=', runId).execute();
  // Some cases may not have run.
  expect(cases.filter(({ status }) => status !== 'passed' && status !== 'skipped')).toEqual([]);
  console.log(`${made()} entries reported, ${steps} of them steps; sent besides: ${JSON.stringify(irregular())}`);
}

describe.each(['redis', 'postgres'] as const)('a reported run over %s', (bus) => {
  test('is seen exactly once by 100 watchers, though batches come twice, too early and cut in the middle', async () => {
    await using cluster = await testCluster({ bus });
    const api = await cluster.startApi();
    await using reporting = await startReporting({ servers: [api] });
    const { runId } = reporting;
    using watchers = startWatchers({ servers: [api], runId, logs: 50, states: 25, cases: 25 });
    await eventually(() => expect(reporting.irregular()).toMatchObject({ failed: 0 }));
    await eventually(() => expect(Math.min(reporting.irregular().twice, reporting.irregular().cut)).toBeGreaterThan(8));
    expect(await reporting.finish()).toBe('passed');
    await expectNothingLost(`reported over ${bus}`, watchers, cluster.services, runId);
    await expectAllStored(cluster.services, reporting);
    const { twice, early, cut } = reporting.irregular();
    expect(Math.min(twice, early, cut)).toBeGreaterThan(5);
  });

  test('goes on in another process when the one that it is reported to is killed', async () => {
    await using cluster = await testCluster({ bus });
    const [a, b] = await Promise.all([cluster.startApi(), cluster.startApi()]);
    await using reporting = await startReporting({ servers: [a, b] });
    const { runId } = reporting;
    using watchers = startWatchers({ servers: [a, b], runId, logs: 50, states: 25, cases: 25 });
    await eventually(() => expect(watchers.seq()).toBeGreaterThan(50));

    a.kill('SIGKILL');
    await a.exit;
    const madeWhenKilled = reporting.made();
    await eventually(() => expect(watchers.seq()).toBeGreaterThan(madeWhenKilled + 50));
    expect(await reporting.finish()).toBe('passed');
    const { reconnects } = await expectNothingLost(`process killed, ${bus}`, watchers, cluster.services, runId);
    expect(reconnects).toBeGreaterThanOrEqual(100);
    await expectAllStored(cluster.services, reporting);
    expect(reporting.irregular().failed).toBeGreaterThan(0);
  });
});

test('a reported run goes on through the loss of Redis', async () => {
  await using cluster = await testCluster({ bus: 'redis' });
  const api = await cluster.startApi();
  await using reporting = await startReporting({ servers: [api] });
  const { runId } = reporting;
  using watchers = startWatchers({ servers: [api], runId, logs: 50, states: 25, cases: 25 });
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(50));
  await cluster.redis!.stop();
  const made = reporting.made();
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(made + 50));
  await cluster.redis!.start();
  const madeAfter = reporting.made();
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(madeAfter + 50));
  expect(await reporting.finish()).toBe('passed');
  await expectNothingLost('Redis away', watchers, cluster.services, runId);
  await expectAllStored(cluster.services, reporting);
});

test('shards that are reported to two processes are one run', async () => {
  await using cluster = await testCluster({ bus: 'postgres' });
  const [a, b] = await Promise.all([cluster.startApi(), cluster.startApi()]);
  const { build } = beginInput();
  const [first, second] = await Promise.all([
    startReporting({ servers: [a], build, shard: { current: 1, total: 2 } }),
    startReporting({ servers: [b], build, shard: { current: 2, total: 2 } }),
  ]);
  expect(second.runId).toBe(first.runId);
  const { runId } = first;
  using watchers = startWatchers({ servers: [a, b], runId, logs: 50, states: 25, cases: 25 });
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(200));
  const verdicts = await Promise.all([first.finish(), second.finish()]);
  expect(verdicts.toSorted()).toContain('passed');
  await expectNothingLost('two shards, two processes', watchers, cluster.services, runId);
  const parts = await cluster.services.db
    .selectFrom('runParts')
    .select(['acknowledged', 'status'])
    .where('runId', '=', runId)
    .orderBy('part')
    .execute();
  expect(parts).toEqual([
    { acknowledged: first.made(), status: 'passed' },
    { acknowledged: second.made(), status: 'passed' },
  ]);
});

test('when many reporters take over a silent part at once, one succeeds, and the others get an error', async () => {
  await using cluster = await testCluster({ bus: 'postgres' });
  const servers = await Promise.all([cluster.startApi(), cluster.startApi()]);
  const clients = servers.map((server) => createTestClient(server));
  const input = beginInput();
  const { runId } = await clients[0]!.api.reports.begin.mutate(input);
  await cluster.services.db
    .updateTable('runParts')
    .set({ heartbeatAt: new Date(Date.now() - 21_000).toISOString() })
    .where('runId', '=', runId)
    .execute();
  const attempts = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      clients[index % 2]!.api.reports.begin.mutate({ ...input, session: randomUUID() }),
    ),
  );
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const attempt of attempts)
    if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ data: { report: { reason: 'busy' } } });
  await expect(
    clients[1]!.api.reports.append.mutate({ runId, part: 0, session: input.session, after: 0, entries: [] }),
  ).rejects.toMatchObject({ data: { report: { reason: 'taken' } } });
});
