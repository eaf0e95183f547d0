import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { reportLostMs, reportSilentMs } from '#shared/report-limits.ts';
import { eventually } from '#server/testing/eventually.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { caseEntry, casesEntry, logEntry, playReporter } from '#server/testing/played-reporter.ts';
import { playSuiteWorker } from '#server/testing/played-suite-worker.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { sweepReports } from './sweep-reports.ts';

const app = useTestApp({ fallbackIntervalMs: 600_000 });

const partsTimeoutMs = 1_800_000;
const sweep = (trustedMs = 2 * reportLostMs) => sweepReports(app().services, { trustedMs, partsTimeoutMs });
const byId = (runId: string) => app().client.api.runs.byId.query({ runId });

/** Moves the last sign of life and the end of the parts of a run so far into the past. */
async function passTime(runId: string, ms: number) {
  const back = sql<string>`${ms} * interval '1 millisecond'`;
  await sql`update run_parts set heartbeat_at = heartbeat_at - ${back}, completed_at = completed_at - ${back}
    where run_id = ${runId}`.execute(app().services.db);
  await sql`update runs set queued_at = queued_at - ${back} where id = ${runId}`.execute(app().services.db);
}

test('watchers see when a part is silent and when it reports again, and get nothing else', async () => {
  const reporter = await playReporter(app().client);
  const { runId } = reporter;
  await reporter.report(casesEntry('one'));
  const cases = app().client.stream((api) => api.runs.onCases, { runId });
  await eventually(() => expect(cases.data).toHaveLength(1));
  for (let count = 0; count < 3; count += 1) await reporter.beat();
  await passTime(runId, reportSilentMs + 1_000);
  await sweep(reportSilentMs - 1_000);
  expect((await byId(runId)).parts).toMatchObject([{ silent: false }]);
  await sweep();
  await sweep();
  await eventually(() => expect(cases.data.at(-1)!.parts).toMatchObject([{ silent: true, status: 'running' }]));
  await reporter.beat();
  await eventually(() => expect(cases.data.at(-1)!.parts).toMatchObject([{ silent: false }]));
  expect(cases.data).toHaveLength(3);
  expect((await byId(runId)).version).toBe(cases.data.at(-1)!.version);
  expect(Date.now() - Date.parse((await byId(runId)).parts[0]!.heartbeatAt!)).toBeLessThan(reportSilentMs);
});

test('watchers see when the worker of a part is silent, and when its heartbeat returns', async () => {
  const { suiteId } = await playPush(app());
  const { runId } = await app().client.api.suites.run.mutate({ suiteId });
  await (await playSuiteWorker(app(), runId))!.report(casesEntry('one'));
  const cases = app().client.stream((api) => api.runs.onCases, { runId });
  await passTime(runId, reportLostMs + 1_000);
  await sweep();
  await eventually(() => expect(cases.data.at(-1)?.parts).toMatchObject([{ silent: true, status: 'running' }]));
  await passTime(runId, -reportLostMs);
  await sweep();
  await eventually(() => expect(cases.data.at(-1)?.parts).toMatchObject([{ silent: false, status: 'running' }]));
});

test('a part is lost after a long silence, and its reporter gets an error when it comes back', async () => {
  const reporter = await playReporter(app().client);
  const { runId, part, session } = reporter;
  await reporter.report(casesEntry('one', 'two', 'three'), caseEntry(0, 'passed'), caseEntry(1, 'running'));
  const commands = app().client.stream((api) => api.reports.onCommands, { runId, part, session });
  await eventually(() => expect(commands.data).toHaveLength(1));
  await passTime(runId, reportLostMs + 1_000);
  // In this case, Runlight itself was away.
  await sweep(reportLostMs - 1_000);
  expect((await byId(runId)).status).toBe('running');
  await sweep();
  await commands.ended;
  expect(commands.data.at(-1)).toMatchObject({ isOver: true, cancel: null });
  expect(await byId(runId)).toMatchObject({
    status: 'error',
    errorCode: 'reporter_lost',
    errorDetails: expect.stringContaining('ci-7'),
    passed: 1,
    skipped: 1,
    parts: [{ status: 'error', errorCode: 'reporter_lost' }],
  });
  const { items } = await app().client.api.runs.cases.query({ runId });
  expect(items.map(({ status }) => status)).toEqual(['passed', 'interrupted', 'skipped']);
  for (const call of [() => reporter.report(logEntry('late')), () => reporter.beat(), () => reporter.finish()])
    await expect(call()).rejects.toMatchObject({
      data: { code: 'CONFLICT', report: { reason: 'over' } },
      message: expect.stringContaining('nothing was heard of its reporter for 60 s'),
    });
});

test('a lost part does not end the others, and names itself when they have ended', async () => {
  const first = await playReporter(app().client, { shard: { current: 1, total: 2 } });
  const { runId } = first;
  await passTime(runId, reportLostMs + 1_000);
  const second = await playReporter(app().client, { build: first.input.build, shard: { current: 2, total: 2 } });
  await sweep();
  expect(await byId(runId)).toMatchObject({ status: 'running', parts: [{ status: 'error' }, { status: 'running' }] });
  await second.finish();
  expect(await byId(runId)).toMatchObject({
    status: 'error',
    errorCode: 'reporter_lost',
    errorDetails: expect.stringMatching(/^Part 1 \(ci-7\): /),
  });
});

test('a run that is being cancelled ends as cancelled when its reporter is lost', async () => {
  const reporter = await playReporter(app().client);
  const { runId } = reporter;
  await app().client.api.runs.cancel.mutate({ runId });
  await passTime(runId, reportLostMs + 1_000);
  await sweep();
  expect(await byId(runId)).toMatchObject({ status: 'cancelled', errorCode: 'reporter_lost' });
});

test('a run ends and names the parts that never began, but not while a part lives', async () => {
  const first = await playReporter(app().client, { shard: { current: 2, total: 4 } });
  const { runId } = first;
  await passTime(runId, partsTimeoutMs + 1_000);
  await first.report(casesEntry('one'), caseEntry(0, 'passed'));
  await sweep();
  expect((await byId(runId)).status).toBe('running');
  await first.finish();
  await sweep();
  expect((await byId(runId)).status).toBe('running');
  await passTime(runId, partsTimeoutMs + 1_000);
  await sweep();
  expect(await byId(runId)).toMatchObject({
    status: 'error',
    errorCode: 'parts_missing',
    errorDetails: expect.stringMatching(/^Parts 1, 3 and 4 of 4 never began.*30 minutes/),
    parts: [{ status: 'error' }, { status: 'passed' }, { status: 'error' }, { status: 'error' }],
    passed: 1,
  });
  // The parts begin after all: they are a new run of the build.
  const late = await playReporter(app().client, { build: first.input.build, shard: { current: 3, total: 4 } });
  expect(await byId(late.runId)).toMatchObject({
    retryOf: runId,
    parts: [{ part: 0 }, { part: 2, status: 'running' }, { part: 3 }],
  });
});
