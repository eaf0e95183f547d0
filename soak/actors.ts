import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { createTestClient, type TestClient } from '#server/testing/client.ts';
import { startReporting } from '#server/testing/reporting.ts';
import { endless, failing, passing } from '#server/testing/scripts.ts';
import { type Counts, startWatchers } from '#server/testing/watchers.ts';
import type { SoakSystem } from './system.ts';

const inBrowser = `import { test, expect } from '@playwright/test';
test('clicks', async ({ page }) => {
  await page.setContent('<button onclick="this.textContent += 1">0</button>');
  for (let click = 0; click < 20; click++) await page.getByRole('button').click();
  await expect(page.getByRole('button')).toHaveText('0' + '1'.repeat(20));
});`;

/** How often each of them does something, in ms. */
const every = { script: 10_000, browser: 60_000, cancelled: 25_000, suite: 90_000, viewer: 1_500, ageing: 60_000 };

export interface Actors {
  /** What was done, and what failed because something was away. */
  done: Record<string, { count: number; failed: number }>;
  /** Of those who watched a reported run from its beginning to its end. */
  watched: Counts;
  /** One of the newest runs. */
  anyRun(): string | undefined;
  /** Resolves when all have stopped, which `signal` asks for. */
  stopped: Promise<void>;
}

/** People, jobs, reporters and viewers, until `signal` aborts. Each retries or goes on when something is away. */
export async function startActors(system: SoakSystem, suiteId: string, signal: AbortSignal): Promise<Actors> {
  const { servers, db } = system;
  const clients = servers.map((server) => createTestClient(server));
  const { api } = clients[0]!;
  const create = async (name: string, script: string) => (await api.tests.create.mutate({ name, script })).id;
  const tests = {
    passing: await create('Passing', passing),
    failing: await create('Failing', failing),
    endless: await create('Endless', endless),
    browser: await create('In a browser', inBrowser),
  };
  const { id: jobId } = await api.jobs.create.mutate({
    name: 'Every half minute',
    testIds: [tests.passing, tests.failing],
    schedule: '*/30 * * * * *',
    timezone: 'UTC',
  });

  const done: Actors['done'] = {};
  const recent: string[] = [];
  const watched: Counts = { watchers: 0, sent: 0, delivered: 0, lost: 0, doubled: 0, reconnects: 0 };
  const remember = ({ runId }: { runId: string }) => {
    recent.push(runId);
    if (recent.length > 20) recent.shift();
    return runId;
  };
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
  const anyOf = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)];

  async function repeat(name: string, everyMs: number, work: (client: TestClient) => Promise<unknown>) {
    const counts = (done[name] = { count: 0, failed: 0 });
    for (let turn = 0; !signal.aborted; turn += 1) {
      const startedAt = performance.now();
      try {
        await work(clients[turn % clients.length]!);
        counts.count += 1;
      } catch {
        counts.failed += 1;
      }
      await pause(Math.max(100, everyMs - (performance.now() - startedAt)));
    }
  }

  /** Tries again until it is done or all stop. */
  async function insist(work: () => Promise<unknown>) {
    for (;;)
      try {
        return await work();
      } catch (error) {
        if (signal.aborted) throw error;
        await pause(500);
      }
  }

  async function cancel({ api }: TestClient) {
    const run = await api.tests.run.mutate({ testId: tests.endless });
    remember(run);
    await pause(5_000);
    await insist(() => api.runs.cancel.mutate(run));
  }

  async function reportRun() {
    await using reporting = await startReporting({ servers, paceMs: 300 });
    const runId = remember(reporting);
    using watchers = startWatchers({ servers: [...servers].toReversed(), runId, logs: 3, states: 3 });
    await pause(15_000 + 20_000 * Math.random());
    await reporting.finish();
    await watchers.ended;
    let entries = 0;
    await insist(async () => {
      ({ seq: entries } = await db.selectFrom('runs').select('seq').where('id', '=', runId).executeTakeFirstOrThrow());
    });
    for (const [name, count] of Object.entries(watchers.count({ entries })) as [keyof Counts, number][])
      watched[name] += count;
  }

  async function view(client: TestClient) {
    const runId = anyOf(recent);
    if (!runId) return;
    const order = Math.random() < 0.5 ? servers : servers.toReversed();
    using _watchers = startWatchers({ servers: order, runId, logs: 1, states: 1, cases: 1 });
    const streams = [client.stream((it) => it.activity.onEvents), client.stream((it) => it.queue.onStats)];
    try {
      await client.api.runs.list.query({});
      await pause(20_000 * Math.random());
    } finally {
      for (const stream of streams) stream.close();
    }
    await client.api.runs.byId.query({ runId });
  }

  /** Runs that ended a while ago are as if they had ended long ago: the removal takes them. */
  const age = () =>
    sql`update runs set completed_at = completed_at - interval '31 days'
      where completed_at between now() - interval '1 day' and now() - interval '2 minutes'`.execute(db);

  const anyScript = () => anyOf([tests.passing, tests.failing])!;
  const working = [
    repeat('scripts', every.script, async (it) => remember(await it.api.tests.run.mutate({ testId: anyScript() }))),
    repeat('scripts in a browser', every.browser, async (it) =>
      remember(await it.api.tests.run.mutate({ testId: tests.browser })),
    ),
    repeat('cancelled runs', every.cancelled, cancel),
    repeat('runs of a suite', every.suite, async (it) =>
      remember(await it.api.suites.run.mutate({ suiteId, shards: 2 })),
    ),
    repeat('reported runs', 1_000, reportRun),
    repeat('ageing', every.ageing, age),
    ...Array.from({ length: 8 }, (_, index) => repeat(`viewer ${index + 1}`, every.viewer, view)),
  ];
  return {
    done,
    watched,
    anyRun: () => recent.at(-1),
    stopped: Promise.all(working).then(async () => {
      await api.jobs.archive.mutate({ jobId });
      for (const client of clients) client.closeStreams();
    }),
  };
}
