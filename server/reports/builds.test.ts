import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { beginInput, caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});
const api = () => app().client.api;

/** Both shards of a build of their own. */
const shardsOf = (more: Parameters<typeof beginInput>[0] = {}) => {
  const { build } = beginInput(more);
  return (current: number, total = 2) =>
    playReporter(app().client, { build, ...more, session: randomUUID(), shard: { current, total } });
};

test('a job of the CI that is run again is a new run, which expects what had not passed', async () => {
  const shard = shardsOf();
  const [first, second] = [await shard(1, 3), await shard(2, 3)];
  const third = await shard(3, 3);
  for (const [reporter, status] of [
    [first, 'passed'],
    [second, 'failed'],
    [third, 'failed'],
  ] as const) {
    await reporter.report(casesEntry(`case of ${reporter.part}`), caseEntry(0, status));
    await reporter.finish(status);
  }
  const again = await shard(2, 3);
  expect(again.runId).not.toBe(first.runId);
  expect(await api().runs.byId.query({ runId: again.runId })).toMatchObject({
    retryOf: first.runId,
    partial: true,
    parts: [
      { part: 1, status: 'running' },
      { part: 2, status: 'queued' },
    ],
  });
  expect((await shard(3, 3)).runId).toBe(again.runId);
  // A part that had passed comes, too, while the run goes on.
  expect((await shard(1, 3)).runId).toBe(again.runId);

  const { build } = first.input;
  const attempt = await playReporter(app().client, {
    build: { ...build, attempt: '2' },
    shard: { current: 2, total: 3 },
  });
  expect(await api().runs.byId.query({ runId: attempt.runId })).toMatchObject({ retryOf: again.runId });
});

test('a run that has passed and is run again expects all parts', async () => {
  const shard = shardsOf();
  for (const reporter of [await shard(1), await shard(2)]) await reporter.finish();
  const again = await shard(2);
  expect((await api().runs.byId.query({ runId: again.runId })).parts).toMatchObject([
    { part: 0, status: 'queued' },
    { part: 1, status: 'running' },
  ]);
});

test('a run of the base branch is compared with the one before, those of others with its newest', async () => {
  const suite = 'compared';
  const play = async (branch: string, status: 'passed' | 'failed') => {
    const reporter = await playReporter(app().client, { suite, commit: { branch } });
    await reporter.report(casesEntry('pays'), caseEntry(0, status));
    await reporter.finish(status);
    return reporter.runId;
  };
  const compare = async (runId: string) => {
    const { previous, newlyFailed, fixed } = await api().runs.compare.query({ runId });
    return [previous?.id ?? null, newlyFailed, fixed];
  };
  const first = await play('main', 'passed');
  const feature = await play('feature', 'failed');
  const second = await play('main', 'failed');
  expect(await compare(first)).toEqual([null, 0, 0]);
  expect(await compare(feature)).toEqual([second, 0, 0]);
  expect(await compare(second)).toEqual([first, 1, 0]);
  expect(await compare(await play('feature', 'passed'))).toEqual([second, 0, 1]);
  expect((await api().runs.byId.query({ runId: second })).expectedDuration).toBeGreaterThanOrEqual(0);
});
