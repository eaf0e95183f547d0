import { expect, test } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { passing } from '#server/testing/scripts.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { makeUpStarts, startDueJob } from './start-due-jobs.ts';

const minuteMs = 60_000;

/** A job that is due at every full hour, as if it had been made `madeMs` ago, and the last times at which it was due. */
async function hourlyJob(app: TestSystem, madeMs: number, rules: object = {}) {
  const { tests, jobs } = app.client.api;
  const { id: testId } = await tests.create.mutate({ name: 'Part', script: passing });
  const { id: jobId } = await jobs.create.mutate({
    name: 'Hourly',
    testIds: [testId],
    schedule: '0 * * * *',
    ...rules,
  });
  const now = Date.now();
  await app.services.db
    .updateTable('jobs')
    .set({ handledUntil: new Date(now - madeMs) })
    .where('id', '=', jobId)
    .execute();
  const hours = [];
  for (let hour = Math.ceil((now - madeMs) / (60 * minuteMs)) * 60 * minuteMs; hour <= now; hour += 60 * minuteMs)
    if (hour > now - madeMs) hours.push(hour);
  return { jobId, testId, hours };
}

/** A job that is due every second. Its starts are handled ahead of time, so that no other is due meanwhile. */
async function dueNow(app: TestSystem, rules: object = {}) {
  const { tests, jobs } = app.client.api;
  const { id: testId } = await tests.create.mutate({ name: 'Part', script: passing });
  const schedule = '* * * * * *';
  const { id: jobId } = await jobs.create.mutate({ name: 'Often', testIds: [testId], schedule, ...rules });
  /** Handles exactly one start, the one of a second. */
  const start = async (dueAt: number) => {
    await app.services.db
      .updateTable('jobs')
      .set({ handledUntil: new Date(dueAt - 1) })
      .where('id', '=', jobId)
      .execute();
    await startDueJob(app.services, { jobId, dueAt });
  };
  return { jobId, testId, start };
}

const nextMinute = () => Math.ceil(Date.now() / minuteMs) * minuteMs;
const iso = (time: number) => new Date(time).toISOString();
const runsOf = async (app: TestSystem, jobId: string) => (await app.client.api.runs.list.query({ jobId })).items;
const missesOf = async (app: TestSystem, jobId: string) =>
  (await app.client.api.jobs.byId.query({ jobId })).missedStarts;
const auditOf = async (app: TestSystem) =>
  (await app.client.api.audit.list.query({ action: ['job.start_missed'] })).items;

test.each([
  ['none', 0],
  ['last', 1],
  ['all', 5],
] as const)(
  'of five starts that were due while Runlight was away, catching up with %s starts %i',
  async (catchUp, runs) => {
    await using app = await testApp();
    const { jobId, hours } = await hourlyJob(app, 5 * 60 * minuteMs, { catchUp, overlap: 'queue' });
    // Not within a minute of a full hour, when the last start would be on time.
    const late = hours.filter((hour) => Date.now() - hour > minuteMs);
    const onTime = hours.length - late.length;
    const dueAt = hours[0]!;
    for (let repeat = 0; repeat < 2; repeat += 1) await startDueJob(app.services, { jobId, dueAt });
    const started = onTime > 0 && catchUp === 'last' ? onTime : Math.min(runs, late.length) + onTime;
    expect(await runsOf(app, jobId)).toHaveLength(started);
    const missed = await missesOf(app, jobId);
    expect(missed).toHaveLength(hours.length - started);
    expect(missed.every(({ reason, runId }) => reason === 'not_running' && runId === null)).toBe(true);
    const events = await auditOf(app);
    expect(events.map(({ details }) => details)).toEqual(missed.map(({ dueAt, reason }) => ({ dueAt, reason })));
  },
);

test('a start that is skipped because the last run is not over is recorded once, in the API, the audit log and the metrics', async () => {
  await using app = await testApp();
  const { jobId, start } = await dueNow(app);
  const dueAt = nextMinute() + 1_000;
  await start(dueAt - 1_000);
  const [run] = await runsOf(app, jobId);
  await commitRun(app.services, run!.id, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  await start(dueAt);
  await start(dueAt);
  expect(await runsOf(app, jobId)).toHaveLength(1);
  const missed = await missesOf(app, jobId);
  expect(missed).toEqual([{ dueAt: iso(dueAt), reason: 'still_running', details: null, runId: null }]);
  expect((await auditOf(app))[0]).toMatchObject({ actorName: 'Schedule', targetName: 'Often' });
  const listed = (await app.client.api.jobs.list.query({})).items.find(({ id }) => id === jobId);
  expect(listed?.missedStart).toMatchObject({ reason: 'still_running' });
  const metrics = await (await fetch(`${app.url}/metrics`, { headers: app.headers })).text();
  expect(metrics).toContain(`runlight_missed_starts{reason="still_running"} 1`);
  expect(metrics).toContain('runlight_missed_starts{reason="queue_full"} 0');
});

test('a job may queue its next run, or cancel the one that is not over', async () => {
  await using app = await testApp();
  const dueAt = nextMinute();
  const queueing = await dueNow(app, { overlap: 'queue' });
  await queueing.start(dueAt);
  await queueing.start(dueAt + 1_000);
  expect(await runsOf(app, queueing.jobId)).toHaveLength(2);
  expect(await missesOf(app, queueing.jobId)).toEqual([]);

  const cancelling = await dueNow(app, { overlap: 'cancel-running' });
  await cancelling.start(dueAt);
  await cancelling.start(dueAt + 1_000);
  expect((await runsOf(app, cancelling.jobId)).map(({ status }) => status)).toEqual(['queued', 'cancelled']);
  expect(await missesOf(app, cancelling.jobId)).toEqual([]);
});

test('a start that finds the queue full is made up for once there is room, once', async () => {
  await using app = await testApp({ queuedCapacity: 1 });
  const { jobId, testId, hours } = await hourlyJob(app, 90 * minuteMs, { catchUp: 'last' });
  const { tests, runs } = app.client.api;
  const { runId: blocker } = await tests.run.mutate({ testId });
  await startDueJob(app.services, { jobId, dueAt: hours[0]! });
  const missed = await missesOf(app, jobId);
  expect(missed[0]).toMatchObject({ dueAt: iso(hours.at(-1)!), reason: 'queue_full', runId: null });
  await makeUpStarts(app.services);
  expect(await runsOf(app, jobId)).toEqual([]);
  await runs.cancel.mutate({ runId: blocker });
  for (let repeat = 0; repeat < 2; repeat += 1) await makeUpStarts(app.services);
  const [run, ...others] = await runsOf(app, jobId);
  expect(run).toMatchObject({ status: 'queued', trigger: 'schedule' });
  expect(others).toEqual([]);
  expect((await missesOf(app, jobId))[0]).toMatchObject({ reason: 'queue_full', runId: run!.id });
  expect((await app.client.api.jobs.list.query({})).items[0]).toMatchObject({ missedStart: null });
});

test('a job that is disabled, archived or gets another schedule has missed nothing', async () => {
  await using app = await testApp();
  const { jobs } = app.client.api;
  const { jobId, hours } = await hourlyJob(app, 5 * 60 * minuteMs);
  await jobs.update.mutate({ jobId, enabled: false });
  await startDueJob(app.services, { jobId, dueAt: hours[0]! });
  await jobs.update.mutate({ jobId, enabled: true, schedule: '30 4 1 1 *' });
  await startDueJob(app.services, { jobId, dueAt: Date.now() });
  await jobs.archive.mutate({ jobId });
  await startDueJob(app.services, { jobId, dueAt: Date.now() });
  expect(await runsOf(app, jobId)).toEqual([]);
  expect(await missesOf(app, jobId)).toEqual([]);
});
