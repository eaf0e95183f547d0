import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { testCluster } from '#server/testing/cluster.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { produce, queueRun } from '#server/testing/produce.ts';
import { startProxy } from '#server/testing/proxy.ts';
import { startWatchers } from '#server/testing/watchers.ts';

test.each(['nginx', 'haproxy'] as const)(
  'behind %s as documented, 200 clients lose nothing while the processes behind it are killed one after the other',
  async (kind) => {
    await using cluster = await testCluster({ bus: 'redis' });
    const [a, b] = await Promise.all([cluster.startApi(), cluster.startApi()]);
    await using proxy = await startProxy(kind, [a.url, b.url]);
    const behind = { url: proxy.url, headers: a.headers };
    const runId = await queueRun(createTestClient(behind));
    await using production = await produce(cluster.services, runId);
    using watchers = startWatchers({ servers: [behind], runId, logs: 100, states: 100 });
    await eventually(() => expect(watchers.seq()).toBeGreaterThan(50));
    expect(watchers.reconnects()).toBe(0);

    a.kill('SIGKILL');
    await a.exit;
    const whenKilled = production.head();
    await eventually(() => expect(watchers.seq()).toBeGreaterThan(whenKilled + 50));
    // Its clients are all at the other process, which goes once this one is back.
    await using replaced = await cluster.startApi({ PORT: new URL(a.url).port });
    expect(replaced.url).toBe(a.url);
    b.kill('SIGKILL');
    await b.exit;
    const whenReplaced = production.head();
    await eventually(() => expect(watchers.seq()).toBeGreaterThan(whenReplaced + 50));

    await production.finish('passed');
    const { reconnects } = await expectNothingLost(`behind ${kind}`, watchers, cluster.services, runId);
    expect(reconnects).toBeGreaterThanOrEqual(200);
  },
);
