import { expect, test } from 'vitest';
import { playCases } from '#server/testing/played-results.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const app = useTestApp({});
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const unknownId = '018f0000-0000-7000-8000-000000000000';

/** Creates a test. Its case "shaky" fails in each `run`, and its case "steady" fails if the run says so. */
async function createShaky() {
  const { tests } = app().client.api;
  const { id: testId } = await tests.create.mutate({ name: 'Mail', script: passing });
  const run = async ({ steady = 'passed' }: { steady?: 'passed' | 'failed' } = {}) => {
    const { runId } = await tests.run.mutate({ testId });
    await playCases(app().services, runId, [
      { title: 'shaky', status: 'failed', error: 'no mail came' },
      { title: 'steady', status: steady },
    ]);
    return app().client.api.runs.byId.query({ runId });
  };
  const { id: runId } = await run();
  const { caseId } = await app()
    .services.db.selectFrom('runCases')
    .select('caseId')
    .where('runId', '=', runId)
    .where('index', '=', 0)
    .executeTakeFirstOrThrow();
  return { testId, caseId, run };
}

test('a case in quarantine fails nothing and is counted apart, until it is released', async () => {
  const { cases, overview } = app().client.api;
  const { caseId, testId, run } = await createShaky();
  expect(await run()).toMatchObject({ status: 'failed', failed: 1, quarantined: 0 });
  expect((await overview.get.query()).failing).toMatchObject({ total: 1, newTotal: 1, items: [{ id: caseId }] });

  const expiresAt = inAnHour();
  const quarantine = { reason: 'The mail server is slow', owner: 'Team Mail', expiresAt };
  expect(await cases.quarantine.mutate({ caseId, ...quarantine })).toMatchObject({ id: caseId, quarantine });
  expect(await run()).toMatchObject({ status: 'passed', failed: 0, passed: 1, quarantined: 1, total: 2 });
  // Nothing is hidden: it is listed, and its own history says that it fails.
  expect((await cases.list.query({ testId, sort: 'failing' })).items).toMatchObject([{ id: caseId, quarantine }]);
  expect(await cases.history.query({ caseId })).toMatchObject({
    passRate: 0,
    verdicts: [{ quarantined: true, error: 'no mail came' }, { quarantined: false }, { quarantined: false }],
  });
  expect(await overview.get.query()).toMatchObject({
    failing: { total: 0, items: [] },
    quarantined: { total: 1, items: [{ id: caseId, quarantine: { createdBy: 'Access token' } }] },
  });
  // Another case still fails the run.
  expect(await run({ steady: 'failed' })).toMatchObject({ status: 'failed', failed: 1, quarantined: 1 });

  expect(await cases.release.mutate({ caseId })).toMatchObject({ quarantine: null });
  expect(await run()).toMatchObject({ status: 'failed', failed: 1, quarantined: 0 });
});

test('a quarantine that has expired counts for nothing', async () => {
  const { cases, overview } = app().client.api;
  const { caseId, run } = await createShaky();
  await cases.quarantine.mutate({ caseId, reason: 'Slow', owner: 'Ada', expiresAt: inAnHour() });
  expect(await run()).toMatchObject({ status: 'passed' });
  await app()
    .services.db.updateTable('quarantines')
    .set({ expiresAt: new Date(Date.now() - 1) })
    .where('caseId', '=', caseId)
    .execute();
  expect(await run()).toMatchObject({ status: 'failed', failed: 1, quarantined: 0 });
  expect(await cases.byId.query({ caseId })).toMatchObject({ quarantine: null });
  expect((await overview.get.query()).quarantined.items.map(({ id }) => id)).not.toContain(caseId);
});

test('a quarantine needs a reason, an owner and an end in the future', async () => {
  const { cases } = app().client.api;
  const { caseId } = await createShaky();
  const right = { caseId, reason: 'Slow', owner: 'Ada', expiresAt: inAnHour() };
  for (const [field, wrong] of Object.entries({ reason: ' ', owner: '', expiresAt: '2020-01-01T00:00:00Z' }))
    await expect(cases.quarantine.mutate({ ...right, [field]: wrong })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST', fieldErrors: { [field]: [expect.any(String)] } },
    });
  for (const call of [
    () => cases.quarantine.mutate({ ...right, caseId: unknownId }),
    () => cases.release.mutate({ caseId: unknownId }),
    () => cases.history.query({ caseId: unknownId }),
    () => cases.byId.query({ caseId: unknownId }),
  ])
    await expect(call()).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
});
