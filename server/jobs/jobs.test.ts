import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { queueBackend } from '#server/open-services.ts';
import { openQueue } from '#server/queue/backend.ts';
import { syncSchedules } from './sync-schedules.ts';

let app: TestSystem;
let testId: string;
beforeAll(async () => {
  app = await testApp();
  testId = (await app.client.api.tests.create.mutate({ name: 'Part', script: passing })).id;
});
afterAll(() => app[Symbol.asyncDispose]());

test('a job is created, read, changed, run and archived', async () => {
  const { jobs, tests } = app.client.api;
  const other = await tests.create.mutate({ name: 'Other part', script: passing });
  const created = await jobs.create.mutate({ name: 'Smoke', testIds: [testId, other.id, testId] });
  expect(created).toMatchObject({
    name: 'Smoke',
    schedule: null,
    timezone: 'UTC',
    enabled: true,
    timeoutMs: null,
    nextRunAt: null,
    testCount: 3,
    tests: [
      { id: testId, name: 'Part' },
      { id: other.id, name: 'Other part' },
      { id: testId, name: 'Part' },
    ],
  });
  const changed = await jobs.update.mutate({
    jobId: created.id,
    testIds: [other.id],
    schedule: '0 7 * * 1-5',
    timezone: 'Europe/Berlin',
  });
  expect(changed).toMatchObject({ name: 'Smoke', testCount: 1, schedule: '0 7 * * 1-5', timezone: 'Europe/Berlin' });
  expect(changed.nextRunAt).toMatch(/T0[56]:00:00/);
  expect((await jobs.update.mutate({ jobId: created.id, enabled: false })).nextRunAt).toBeNull();
  expect((await jobs.list.query({ search: 'smoke' })).items).toMatchObject([{ id: created.id, testCount: 1 }]);

  const { runId } = await jobs.run.mutate({ jobId: created.id });
  expect(await app.client.api.runs.byId.query({ runId })).toMatchObject({
    kind: 'job',
    jobId: created.id,
    status: 'queued',
    total: 1,
  });
  expect((await jobs.byId.query({ jobId: created.id })).lastRun?.id).toBe(runId);

  await jobs.archive.mutate({ jobId: created.id });
  await expect(jobs.run.mutate({ jobId: created.id })).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
  expect((await jobs.list.query({ search: 'smoke' })).items).toEqual([]);
});

test('bad input is refused with the field and what is wrong with it', async () => {
  const { jobs } = app.client.api;
  const refused = (attempt: Promise<unknown>, field: string, text: RegExp) =>
    expect(attempt).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST', fieldErrors: { [field]: [expect.stringMatching(text)] } },
    });
  const job = { name: 'Bad', testIds: [testId] };
  await refused(jobs.create.mutate({ ...job, testIds: [] }), 'testIds', /at least one/);
  await refused(
    jobs.create.mutate({ ...job, testIds: ['018f0000-0000-7000-8000-000000000000'] }),
    'testIds',
    /no such test/,
  );
  await refused(jobs.create.mutate({ ...job, schedule: 'every day' }), 'schedule', /five fields/);
  await refused(jobs.create.mutate({ ...job, schedule: '99 * * * *' }), 'schedule', /not a valid cron/);
  await refused(jobs.create.mutate({ ...job, schedule: '0 7 * * *', timezone: 'Mars/Base' }), 'timezone', /Mars/);
  await refused(jobs.create.mutate({ ...job, timeoutMs: 5 }), 'timeoutMs', /1,000/);
  await expect(jobs.byId.query({ jobId: '018f0000-0000-7000-8000-000000000000' })).rejects.toMatchObject({
    data: { code: 'NOT_FOUND' },
  });
});

test('a change that is based on an older state of the job is refused', async () => {
  const { jobs } = app.client.api;
  const { id: jobId, updatedAt } = await jobs.create.mutate({ name: 'Shared', testIds: [testId] });
  const theirs = await jobs.update.mutate({ jobId, name: 'Theirs', expectedUpdatedAt: updatedAt });
  const mine = { jobId, name: 'Mine', testIds: [testId, testId] };
  await expect(jobs.update.mutate({ ...mine, expectedUpdatedAt: updatedAt })).rejects.toMatchObject({
    data: { code: 'CONFLICT', fieldErrors: { expectedUpdatedAt: expect.any(Array) } },
  });
  expect(await jobs.byId.query({ jobId })).toMatchObject({ name: 'Theirs', testCount: 1 });
  const replaced = await jobs.update.mutate({ ...mine, expectedUpdatedAt: theirs.updatedAt });
  expect(replaced).toMatchObject({ name: 'Mine', testCount: 2 });
});

test('the preview of a schedule describes it in words and lists its next times', async () => {
  const { jobs } = app.client.api;
  const preview = await jobs.previewSchedule.query({ schedule: '0 7 * * 1-5', timezone: 'Europe/Berlin' });
  expect(preview).toMatchObject({ problem: null, text: 'Every weekday at 07:00' });
  expect(preview.nextTimes).toHaveLength(5);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
  expect(preview.nextTimes.map((time) => clock.format(new Date(time)))).toEqual(Array(5).fill('07:00'));
  expect(preview.nextTimes).toEqual(preview.nextTimes.toSorted());
  expect(await jobs.previewSchedule.query({ schedule: '0 7 * *', timezone: 'UTC' })).toEqual({
    problem: expect.stringMatching(/five fields/),
    text: null,
    nextTimes: [],
  });
  const elsewhere = await jobs.previewSchedule.query({ schedule: '0 7 * * *', timezone: 'Mars/Base' });
  expect(elsewhere.problem).toContain('Mars');
});

describe.each(['redis', 'postgres'] as const)('schedules on %s', (backend) => {
  test('a job that is due starts by itself, until its schedule is taken away', async () => {
    await using system = await testApp({ backend, worker: true });
    const { tests, jobs, runs } = system.client.api;
    const { id } = await tests.create.mutate({ name: 'Often', script: passing });
    const job = await jobs.create.mutate({ name: 'Every second', testIds: [id], schedule: '* * * * * *' });
    // Not before the first run is over.
    await eventually(
      async () => expect((await runs.list.query({ jobId: job.id })).items.length).toBeGreaterThanOrEqual(2),
      { withinMs: 240_000 },
    );
    const { items } = await runs.list.query({ jobId: job.id });
    expect(items[0]).toMatchObject({ trigger: 'schedule', kind: 'job' });
    await jobs.update.mutate({ jobId: job.id, schedule: null });
    expect((await jobs.byId.query({ jobId: job.id })).schedule).toBeNull();
    expect(await system.services.schedules.list()).toEqual([]);
    for (const { id: runId } of (await runs.list.query({ jobId: job.id })).items)
      await runs.cancel.mutate({ runId }).catch(() => {});
  });

  test.each([
    ['30 0 14 3 *', 'America/Havana'],
    ['0 0 5 9 *', 'America/Santiago'],
    ['0 0 30 4 *', 'Africa/Cairo'],
    ['H 2 * * *', 'Europe/Berlin'],
  ])('the queue starts %s in %s when the page says', async (schedule, timezone) => {
    await using system = await testApp({ backend });
    const { tests, jobs } = system.client.api;
    const { id } = await tests.create.mutate({ name: 'Part', script: passing });
    const job = await jobs.create.mutate({ name: 'Due', testIds: [id], schedule, timezone });
    const { queue, close } = openQueue(queueBackend(system.serviceOptions), 'schedules', system.services.logger);
    try {
      const { next } = (await queue.getJobScheduler(job.id))!;
      expect(new Date(next!).toISOString()).toBe(job.nextRunAt);
    } finally {
      await close();
    }
  });

  test('missing and superfluous schedules in the queue are corrected', async () => {
    await using system = await testApp({ backend });
    const { tests, jobs } = system.client.api;
    const { schedules } = system.services;
    const { id } = await tests.create.mutate({ name: 'Part', script: passing });
    const job = { testIds: [id], schedule: '0 3 * * *', timezone: 'Europe/Paris' };
    const kept = await jobs.create.mutate({ name: 'Kept', ...job });
    const lost = await jobs.create.mutate({ name: 'Lost', ...job });
    await schedules.set(lost.id, null);
    await schedules.set('018f0000-0000-7000-8000-000000000000', { schedule: '0 4 * * *', timezone: 'UTC' });
    await syncSchedules(system.services);
    const inForce = await schedules.list();
    expect(inForce.toSorted((a, b) => a.jobId.localeCompare(b.jobId))).toEqual(
      [kept.id, lost.id].map((jobId) => ({ jobId, schedule: '0 3 * * *', timezone: 'Europe/Paris' })),
    );
  });
});
