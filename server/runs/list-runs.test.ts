import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from './commit-run.ts';

let app: TestSystem;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function startRun(name: string) {
  const { id: testId } = await app.client.api.tests.create.mutate({ name, script: passing });
  const { runId } = await app.client.api.tests.run.mutate({ testId });
  return { testId, runId };
}

const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);

test('a search finds runs by part of their name or by id, and treats every character literally', async () => {
  const { api } = app.client;
  const { runId } = await startRun('100 % of Checkout_Flow');
  await startRun('100 of anything');
  for (const search of ['checkout_flow', ' 100 % ', 'OF CHECK', runId])
    expect(idsOf(await api.runs.list.query({ search })), search).toEqual([runId]);
  for (const search of ['checkout%flow', 'CheckoutXFlow', '\\', "'"])
    expect(idsOf(await api.runs.list.query({ search })), search).toEqual([]);
});

test('runs are filtered by trigger', async () => {
  const { api } = app.client;
  const { runId } = await startRun('Retried');
  await commitRun(app.services, runId, { from: ['queued'], to: 'cancelled' });
  const retry = await api.runs.retry.mutate({ runId });
  expect(idsOf(await api.runs.list.query({ trigger: ['retry'] }))).toEqual([retry.runId]);
  expect(idsOf(await api.runs.list.query({ trigger: ['schedule'] }))).toEqual([]);
  const both = await api.runs.list.query({ trigger: ['retry', 'manual'], search: 'Retried' });
  expect(idsOf(both)).toEqual([retry.runId, runId]);
});

test('runs are filtered by queue time, page by page, together with every other filter', async () => {
  const { api } = app.client;
  const { runId: first, testId } = await startRun('Timed');
  const { runId: second } = await api.tests.run.mutate({ testId });
  const { runId: third } = await api.tests.run.mutate({ testId });
  const { queuedAt: since } = await api.runs.byId.query({ runId: second });
  const { queuedAt: until } = await api.runs.byId.query({ runId: third });

  expect(idsOf(await api.runs.list.query({ testId, since }))).toEqual([third, second]);
  expect(idsOf(await api.runs.list.query({ testId, until }))).toEqual([second, first]);
  const filter = { since, until, search: 'timed', status: ['queued' as const], trigger: ['manual' as const] };
  expect(idsOf(await api.runs.list.query(filter))).toEqual([second]);

  const page = await api.runs.list.query({ testId, since, limit: 1 });
  expect(idsOf(page)).toEqual([third]);
  const next = await api.runs.list.query({ testId, since, limit: 1, cursor: page.nextCursor });
  expect(idsOf(next)).toEqual([second]);
  expect(next.nextCursor).toBeNull();
});

test('an invalid time is refused with the name of its field', async () => {
  await expect(app.client.api.runs.list.query({ since: 'yesterday' })).rejects.toMatchObject({
    data: { code: 'BAD_REQUEST', fieldErrors: { since: [expect.stringContaining('ISO-8601')] } },
  });
});
