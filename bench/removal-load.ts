import { setTimeout as delay } from 'node:timers/promises';
import type { RunEventBody } from '#shared/events.ts';
import type { Services } from '#server/open-services.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import type { ServerAccess, TestClient } from '#server/testing/client.ts';
import { startWatchers } from '#server/testing/watchers.ts';

/** How long what others do has taken, in ms. */
export type Timings = Record<'start' | 'write' | 'deliver' | 'list' | 'open', number[]>;

const entriesPerCommit = 20;
const commitsPerRun = 10;
const watchersPerRun = 20;

const entries: RunEventBody[] = Array.from({ length: entriesPerCommit }, (_, line) => ({
  type: 'log',
  stream: 'stdout',
  text: `GET /api/cart 200, line ${line}\n`,
  position: 0,
  caseIndex: 0,
  attempt: 0,
}));

/**
 * Until `signal` aborts, starts a run once a second and writes its log, which watchers follow, while pages list and open runs. The
 * services write as a worker does.
 */
export async function load(
  access: ServerAccess,
  { api }: TestClient,
  services: Services,
  testId: string,
  signal: AbortSignal,
): Promise<Timings> {
  const timings: Timings = { start: [], write: [], deliver: [], list: [], open: [] };
  async function timed<T>(kind: keyof Timings, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await work();
    timings[kind].push(performance.now() - startedAt);
    return result;
  }
  let newest: string | undefined;

  async function writeRun() {
    const { runId } = await timed('start', () => api.tests.run.mutate({ testId }));
    newest = runId;
    await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'the benchmark' });
    using watchers = startWatchers({ servers: [access], runId, logs: watchersPerRun, states: 0 });
    for (let commit = 0; commit < commitsPerRun; commit += 1) {
      const run = await timed('write', () => commitRun(services, runId, { from: ['running'], events: entries }));
      if (!run) throw new Error('the run is not running any more');
      await timed('deliver', async () => {
        while (watchers.seq() < run.seq) await delay(2);
      });
      await delay(50);
    }
    await commitRun(services, runId, { from: ['running'], to: 'passed' });
    await watchers.ended;
  }
  async function repeat(work: () => Promise<unknown>, everyMs: number) {
    while (!signal.aborted) {
      const startedAt = performance.now();
      await work();
      await delay(Math.max(0, everyMs - (performance.now() - startedAt)), undefined, { signal }).catch(() => {});
    }
  }
  await Promise.all([
    repeat(writeRun, 1_000),
    repeat(() => timed('list', () => api.runs.list.query({ limit: 50 })), 250),
    repeat(async () => newest && timed('open', () => api.runs.byId.query({ runId: newest! })), 250),
  ]);
  return timings;
}
