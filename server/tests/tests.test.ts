import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import type { inferRouterOutputs } from '@trpc/server';
import type { RunSummary } from '#shared/events.ts';
import { maxScriptBytes } from '#shared/inputs.ts';
import type { AppRouter } from '#server/http/router.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

let app: TestSystem;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const unknownId = '018f0000-0000-7000-8000-000000000000';

test('a test is created, read, changed and archived', async () => {
  const { tests } = app.client.api;
  const created = await tests.create.mutate({ name: '  Log in  ', script: passing });
  expect(created).toMatchObject({ name: 'Log in', script: passing, archivedAt: null, lastRun: null, jobs: [] });
  const changed = await tests.update.mutate({ testId: created.id, name: 'Sign in' });
  expect(changed).toMatchObject({ id: created.id, name: 'Sign in', script: passing });
  expect(await tests.byId.query({ testId: created.id })).toEqual(changed);

  expect(await tests.archive.mutate({ testId: created.id })).toEqual({ testId: created.id });
  await tests.archive.mutate({ testId: created.id });
  expect((await tests.byId.query({ testId: created.id })).archivedAt).not.toBeNull();
  const conflict = { data: { code: 'CONFLICT' }, message: expect.stringContaining('archived') };
  await expect(tests.run.mutate({ testId: created.id })).rejects.toMatchObject(conflict);
  await expect(tests.update.mutate({ testId: created.id, name: 'Again' })).rejects.toMatchObject(conflict);
});

test('lists come in pages, newest first, without gaps or doubles, and can be searched', async () => {
  const { tests } = app.client.api;
  for (let n = 1; n <= 7; n += 1) await tests.create.mutate({ name: `Page 100%_${n}`, script: passing });
  const names: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await tests.list.query({ search: 'page 100%_', limit: 3, cursor });
    names.push(...page.items.map((item) => item.name));
    cursor = page.nextCursor;
  } while (cursor);
  expect(names).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `Page 100%_${n}`));
  expect((await tests.list.query({ search: '100%_', limit: 7 })).nextCursor).toBeNull();
  expect((await tests.list.query({ search: 'nothing has this name' })).items).toEqual([]);
});

test('a list shows the last run of each test', async () => {
  const { tests } = app.client.api;
  const { id: testId } = await tests.create.mutate({ name: 'Has run', script: passing });
  await tests.run.mutate({ testId });
  const { runId } = await tests.run.mutate({ testId });
  const { items } = await tests.list.query({ search: 'Has run' });
  expect(items[0]?.lastRun).toMatchObject({ id: runId, status: 'queued', testId });
});

test('a run shows for each test whether the script has changed since', async () => {
  const { tests, runs } = app.client.api;
  const { id: testId } = await tests.create.mutate({ name: 'Edited later', script: passing });
  const { runId } = await tests.run.mutate({ testId });
  await tests.update.mutate({ testId, name: 'Renamed' });
  expect((await runs.byId.query({ runId })).tests).toMatchObject([{ name: 'Edited later', scriptChanged: false }]);
  await tests.update.mutate({ testId, script: passing.replaceAll('\n', '\r\n') });
  expect((await runs.byId.query({ runId })).tests).toMatchObject([{ scriptChanged: false }]);
  await tests.update.mutate({ testId, script: `${passing}\n` });
  expect((await runs.byId.query({ runId })).tests).toMatchObject([{ scriptChanged: true }]);
});

test('a change that is based on an older state of the test is refused', async () => {
  const { tests } = app.client.api;
  const opened = await tests.create.mutate({ name: 'Shared', script: passing });
  const testId = opened.id;
  const mine = { testId, script: `${passing}// mine\n`, expectedUpdatedAt: opened.updatedAt };
  const theirs = await tests.update.mutate({ testId, script: `${passing}// theirs\n` });
  await expect(tests.update.mutate(mine)).rejects.toMatchObject({
    data: {
      code: 'CONFLICT',
      fieldErrors: { expectedUpdatedAt: [expect.stringContaining('changed in the meantime')] },
    },
  });
  expect(await tests.byId.query({ testId })).toEqual(theirs);

  // A change that is based on the newest state is accepted. Of two such changes at once, one is refused.
  const attempts = await Promise.allSettled(
    [1, 2].map(() => tests.update.mutate({ ...mine, expectedUpdatedAt: theirs.updatedAt })),
  );
  expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await tests.byId.query({ testId })).toMatchObject({ script: mine.script });
  expect(Date.parse((await tests.byId.query({ testId })).updatedAt)).toBeGreaterThan(Date.parse(theirs.updatedAt));
});

test('bad input is refused with the field and what is wrong with it', async () => {
  const { tests } = app.client.api;
  const refused = async (attempt: Promise<unknown>, field: string, text: RegExp, code = 'BAD_REQUEST') => {
    const error = await attempt.then(
      () => undefined,
      (it: unknown) => it,
    );
    expect(error).toMatchObject({ data: { code, fieldErrors: { [field]: [expect.stringMatching(text)] } } });
    expect((error as Error).message).toMatch(text);
  };
  await refused(tests.create.mutate({ name: ' ', script: passing }), 'name', /empty/);
  await refused(tests.create.mutate({ name: 'x'.repeat(201), script: passing }), 'name', /200/);
  for (const name of ['A\nB', 'A\0B', 'A \u202egnp'])
    await refused(tests.create.mutate({ name, script: passing }), 'name', /line breaks/);
  await refused(tests.create.mutate({ name: 'Empty', script: '  \n' }), 'script', /empty/);
  await refused(tests.create.mutate({ name: 'NUL', script: 'a\0b' }), 'script', /NUL/);
  await refused(tests.byId.query({ testId: 'seven' }), 'testId', /id/);
  await refused(tests.list.query({ cursor: 'made up' }), 'cursor', /nextCursor/);
  const large = '/'.repeat(maxScriptBytes + 1);
  await refused(tests.create.mutate({ name: 'Large', script: large }), 'script', /1,048,577/, 'PAYLOAD_TOO_LARGE');
  await tests.create.mutate({ name: 'Just fits', script: '/'.repeat(maxScriptBytes) });
});

test('an unknown id is NOT_FOUND', async () => {
  const { tests } = app.client.api;
  const notFound = { data: { code: 'NOT_FOUND' } };
  await expect(tests.byId.query({ testId: unknownId })).rejects.toMatchObject(notFound);
  await expect(tests.update.mutate({ testId: unknownId, name: 'No' })).rejects.toMatchObject(notFound);
  await expect(tests.archive.mutate({ testId: unknownId })).rejects.toMatchObject(notFound);
  await expect(tests.run.mutate({ testId: unknownId })).rejects.toMatchObject(notFound);
  await expect(app.client.stream((api) => api.tests.onStatus, { testId: unknownId }).ended).rejects.toMatchObject(
    notFound,
  );
  const { id: testId } = await tests.create.mutate({ name: 'Other', script: passing });
  await expect(
    app.client.stream((api) => api.tests.onStatus, { testId, runId: unknownId }).ended,
  ).rejects.toMatchObject(notFound);
});

test('a test that a job uses cannot be archived, and the error names the job', async () => {
  const { tests, jobs } = app.client.api;
  const { id } = await tests.create.mutate({ name: 'Used', script: passing });
  const job = await jobs.create.mutate({ name: 'Nightly', testIds: [id] });
  expect((await tests.byId.query({ testId: id })).jobs).toEqual([{ id: job.id, name: 'Nightly', lastRun: null }]);
  await expect(tests.archive.mutate({ testId: id })).rejects.toMatchObject({
    data: { code: 'CONFLICT' },
    message: expect.stringContaining('"Nightly"'),
  });
  await jobs.archive.mutate({ jobId: job.id });
  await tests.archive.mutate({ testId: id });
});

test('the typed client has the types of results', () => {
  type Outputs = inferRouterOutputs<AppRouter>;
  expectTypeOf<Outputs['tests']['run']>().toEqualTypeOf<{ runId: string }>();
  expectTypeOf<Outputs['runs']['list']['items'][number]>().toEqualTypeOf<RunSummary>();
  expectTypeOf<Outputs['tests']['list']['items'][number]['lastRun']>().toEqualTypeOf<RunSummary | null>();
});
