import { afterAll, beforeAll, expect, test } from 'vitest';
import { caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { playCases } from '#server/testing/played-results.ts';
import { begin } from '#server/testing/played-worker.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from '#server/runs/commit-run.ts';

let app: TestSystem;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app[Symbol.asyncDispose]());

/** Asks for a picture as a page of another site does. */
const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(app.url + path, {
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', ...headers },
  });

/** What a screen reader says of the picture. */
async function read(path: string): Promise<string | undefined> {
  const svg = await (await ask(path)).text();
  return /<svg [^>]*role="img" aria-label="([^"]*)"><title>\1<\/title>/.exec(svg)?.[1];
}

async function createTest(name: string) {
  const { id: testId } = await app.client.api.tests.create.mutate({ name, script: passing });
  const { path, id: badgeId } = await app.client.api.badges.create.mutate({ testId });
  return { testId, path, badgeId };
}

test('a badge of a test says how its newest finished run went, also in a job, and leaves out runs that give no verdict', async () => {
  const { api } = app.client;
  const { testId, path } = await createTest('Pay & <go>');
  const says = async (text: string) => expect(await read(path)).toBe(`Pay &amp; &lt;go&gt;: ${text}`);
  await says('not run yet');
  const first = await api.tests.run.mutate({ testId });
  await says('running');
  await playCases(app.services, first.runId, [
    { title: 'pays', status: 'passed' },
    { title: 'ships', status: 'passed', flaky: true },
  ]);
  await says('2 passed, 1 flaky');

  const { id: jobId } = await api.jobs.create.mutate({ name: 'Nightly', testIds: [testId] });
  const { path: ofJob } = await api.badges.create.mutate({ jobId });
  const { runId } = await api.jobs.run.mutate({ jobId });
  await begin(app, runId);
  await says('2 passed, 1 flaky');
  await commitRun(app.services, runId, {
    from: ['running'],
    listed: { part: 0, cases: [listedCase('pays'), listedCase('ships')] },
  });
  await report(app, runId, [
    caseEvent(0, 'passed'),
    failedCase(1, 'Error: a secret of the shop'),
    { type: 'test', position: 0, name: 'Pay', status: 'failed', flaky: false, duration: 5, error: null },
  ]);
  await end(app, runId, 'failed');
  await says('1 of 2 failed');
  expect(await read(ofJob)).toBe('Nightly: 1 of 2 failed');

  const cancelled = await api.tests.run.mutate({ testId });
  await commitRun(app.services, cancelled.runId, { from: ['queued'], to: 'cancelled' });
  await says('1 of 2 failed');
  const lost = await api.tests.run.mutate({ testId });
  await commitRun(app.services, lost.runId, { from: ['queued'], to: 'error', errorCode: 'worker_lost' });
  await says('error');
  const svg = await (await ask(path)).text();
  expect(svg).not.toMatch(/secret|worker|[\da-f]{8}-[\da-f]{4}/);
});

test('a badge of a suite is of one branch, or of all', async () => {
  const { api } = app.client;
  const run = async (branch: string, status: 'passed' | 'failed') => {
    const commit = { branch, sha: 'a1b2c3d', message: 'fix', author: 'Ada', pullRequest: null };
    const reporter = await playReporter(app.client, { suite: 'web', commit });
    await reporter.report(casesEntry('pays'), caseEntry(0, status));
    await reporter.finish(status);
    return (await api.runs.byId.query({ runId: reporter.runId })).suiteId!;
  };
  const suiteId = await run('main', 'passed');
  await run('release', 'failed');
  const all = await api.badges.create.mutate({ suiteId });
  const main = await api.badges.create.mutate({ suiteId, branch: 'main' });
  expect(await read(all.path)).toBe('web: 1 of 1 failed');
  expect(await read(main.path)).toBe('web (main): 1 passed');
  expect((await api.badges.list.query({ suiteId })).items).toMatchObject([
    { id: all.id, branch: null, label: 'web' },
    { ...main, branch: 'main', label: 'web (main)' },
  ]);
});

test('a badge of a test or of a job is of one of the branches that it ran of, too', async () => {
  const { api } = app.client;
  const { testId, path } = await createTest('Rounds');
  const { id: jobId } = await api.jobs.create.mutate({ name: 'Hourly', testIds: [testId] });
  expect((await api.tests.branches.query({ testId })).items).toEqual([]);
  const run = async (branch: string | null, status: 'passed' | 'failed') => {
    const { runId } = await api.tests.run.mutate({ testId, commit: { branch } });
    await playCases(app.services, runId, [{ title: 'rounds', status }]);
    return runId;
  };
  await run('main', 'passed');
  const onFeature = await run('round-twice', 'failed');
  const ofJob = await api.jobs.run.mutate({ jobId, commit: { branch: 'main' } });
  await playCases(app.services, ofJob.runId, [{ title: 'rounds', status: 'passed' }]);
  await run(null, 'failed');
  expect((await api.tests.branches.query({ testId })).items).toMatchObject([
    { branch: 'main', runId: ofJob.runId, status: 'passed' },
    { branch: 'round-twice', runId: onFeature, status: 'failed' },
  ]);
  expect((await api.jobs.branches.query({ jobId })).items).toMatchObject([{ branch: 'main', runId: ofJob.runId }]);

  const onBranch = async (owner: { testId: string } | { jobId: string }, branch: string) =>
    read((await api.badges.create.mutate({ ...owner, branch })).path);
  expect(await read(path)).toBe('Rounds: 1 of 1 failed');
  expect(await onBranch({ testId }, 'main')).toBe('Rounds (main): 1 passed');
  expect(await onBranch({ testId }, 'round-twice')).toBe('Rounds (round-twice): 1 of 1 failed');
  expect(await onBranch({ testId }, 'elsewhere')).toBe('Rounds (elsewhere): not run yet');
  expect(await onBranch({ jobId }, 'main')).toBe('Hourly (main): 1 passed');
  expect(await onBranch({ jobId }, 'round-twice')).toBe('Hourly (round-twice): not run yet');
});

test('a badge is made once, is asked for again each time, and is not found once it is revoked', async () => {
  const { api } = app.client;
  const { testId, path, badgeId } = await createTest('Ships');
  expect(path).toMatch(/^\/badge\/[\w-]{24}\.svg$/);
  const again = await Promise.all([api.badges.create.mutate({ testId }), api.badges.create.mutate({ testId })]);
  expect(again).toEqual([
    { id: badgeId, path },
    { id: badgeId, path },
  ]);

  const { status, headers } = await ask(path);
  expect(status).toBe(200);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'image/svg+xml; charset=utf-8',
    'cache-control': 'no-cache',
    'cross-origin-resource-policy': 'cross-origin',
    'content-security-policy': expect.stringMatching(/^sandbox; default-src 'none'$/),
  });
  const known = { 'if-none-match': headers.get('etag')! };
  expect((await ask(path, known)).status).toBe(304);
  await api.tests.run.mutate({ testId });
  expect((await ask(path, known)).status).toBe(200);

  await api.badges.revoke.mutate({ badgeId });
  expect((await ask(path, known)).status).toBe(404);
  expect(await read(path)).toBe('Runlight: badge not found');
  expect((await api.badges.create.mutate({ testId })).path).not.toBe(path);
});

test('pages of other sites get badges and nothing else, and an address gets 600 a minute', async () => {
  const { path } = await createTest('Asked for');
  const page = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' } };
  expect((await fetch(app.url + path, page)).status).toBe(403);
  for (const other of ['/badge/x.svg/../../api/trpc/tests.list', '/badge', `${path}/../../`])
    expect((await ask(other, app.headers)).status).toBe(403);
  const unknown = '/badge/unknown.svg';
  let refused = 0;
  while (refused < 10) {
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await ask(unknown)).status));
    expect(statuses.filter((status) => status !== 404 && status !== 429)).toEqual([]);
    refused += statuses.filter((status) => status === 429).length;
  }
  expect(await (await ask(path)).json()).toMatchObject({ message: expect.stringContaining('600 badges a minute') });
});
