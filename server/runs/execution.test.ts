import { describe, expect, test } from 'vitest';
import { type TestSystem, useTestApp } from '#server/testing/resources.ts';
import * as scripts from '#server/testing/scripts.ts';

async function runScript({ client }: TestSystem, script: string) {
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Under test', script });
  return { testId, ...(await client.api.tests.run.mutate({ testId })) };
}

/** Runs the scripts, named by the keys, in order. */
async function runJob({ client: { api } }: TestSystem, named: Record<string, string>, options?: { timeoutMs: number }) {
  const testIds: string[] = [];
  for (const [name, script] of Object.entries(named))
    testIds.push((await api.tests.create.mutate({ name, script })).id);
  const { id: jobId } = await api.jobs.create.mutate({ name: 'Job', testIds, ...options });
  return api.jobs.run.mutate({ jobId });
}

describe.each(['postgres', 'redis'] as const)('runs on %s', (backend) => {
  const getApp = useTestApp({ backend, worker: true });

  test('a passing test goes from queued over running to passed, with its steps, output and report', async () => {
    const { client } = getApp();
    const { runId, testId } = await runScript(getApp(), scripts.passing);
    const status = client.stream((api) => api.runs.onStatus, { runId });
    const events = client.stream((api) => api.runs.onEvents, { runId });
    await Promise.all([status.ended, events.ended]);

    expect(status.data.at(-1)).toEqual({
      status: 'passed',
      runId,
      version: expect.any(Number),
      duration: expect.any(Number),
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      completedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      errorDetails: null,
      artifactPaths: expect.arrayContaining([`/artifacts/${runId}/report/index.html`]),
      kind: 'test',
      name: 'Under test',
      total: 1,
      passed: 1,
      failed: 0,
      skipped: 0,
      flaky: 0,
    });
    expect(events.data.map((event) => event.seq)).toEqual(events.data.map((_, index) => index + 1));
    expect(events.data.filter((event) => event.type === 'status').map((event) => event.status)).toEqual([
      'queued',
      'running',
      'passed',
    ]);
    expect(events.data.filter((event) => event.type === 'test').map((event) => event.status)).toEqual([
      'running',
      'passed',
    ]);
    const steps = events.data.filter((event) => event.type === 'step').map((event) => [event.title, event.status]);
    expect(steps).toEqual(
      expect.arrayContaining([
        ['adds', 'running'],
        ['one and one', 'running'],
        ['one and one', 'passed'],
        ['adds', 'passed'],
      ]),
    );
    expect(events.data.find((event) => event.type === 'log')).toMatchObject({ stream: 'stdout', text: 'it is two\n' });

    const details = await client.api.runs.byId.query({ runId });
    expect(details).toMatchObject({ status: 'passed', testId, tests: [{ status: 'passed', name: 'Under test' }] });
    const report = await fetch(`${getApp().url}${details.reportPath}`, { headers: getApp().headers });
    expect(report.headers.get('content-type')).toContain('text/html');
    expect(await report.text()).toContain('<html');
  });

  test('cancelling a run that executes ends it as cancelled, with its test interrupted and the next one skipped', async () => {
    const { client } = getApp();
    const { runId } = await runJob(getApp(), { Endless: scripts.endless, Next: scripts.passing });
    const status = client.stream((api) => api.runs.onStatus, { runId });
    const events = client.stream((api) => api.runs.onEvents, { runId });
    await scripts.begun(events);

    expect(await client.api.runs.cancel.mutate({ runId })).toEqual({ runId, status: 'running' });
    // Asking again while it stops changes nothing.
    await client.api.runs.cancel.mutate({ runId }).catch((error) => expect(error.data.code).toBe('CONFLICT'));
    await status.ended;
    expect(status.data.at(-1)).toMatchObject({ status: 'cancelled', total: 2, passed: 0, failed: 0, skipped: 1 });
    const details = await client.api.runs.byId.query({ runId });
    expect(details.cancelRequestedAt).not.toBeNull();
    expect(details.tests.map((it) => [it.name, it.status])).toEqual([
      ['Endless', 'interrupted'],
      ['Next', 'skipped'],
    ]);
    await expect(client.api.runs.cancel.mutate({ runId })).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
    await events.ended;
  });
});

describe('what a run may come to', () => {
  const getApp = useTestApp({ backend: 'redis', worker: true });

  test('a failing test ends failed and names the assertion', async () => {
    const { runId } = await runScript(getApp(), scripts.failing);
    const status = getApp().client.stream((api) => api.runs.onStatus, { runId });
    await status.ended;
    expect(status.data.at(-1)).toMatchObject({ status: 'failed', failed: 1, passed: 0 });
    expect(status.data.at(-1)?.errorDetails).toMatch(/the sum[\s\S]*Expected: 3[\s\S]*Received: 2/);

    const { tests, artifacts } = await getApp().client.api.runs.byId.query({ runId });
    expect(tests[0]).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('the sum'), line: 4 },
    });
    expect(artifacts.map((artifact) => artifact.kind)).toContain('trace');
  });

  test('a script that does not compile ends in error with the message of the compiler', async () => {
    const { runId } = await runScript(getApp(), scripts.broken);
    const status = getApp().client.stream((api) => api.runs.onStatus, { runId });
    await status.ended;
    expect(status.data.at(-1)).toMatchObject({ status: 'error', errorDetails: expect.stringContaining('SyntaxError') });
  });

  test('a script without tests ends in error with a message that says so', async () => {
    const { runId } = await runScript(getApp(), scripts.withoutTests);
    const status = getApp().client.stream((api) => api.runs.onStatus, { runId });
    await status.ended;
    expect(status.data.at(-1)).toMatchObject({ status: 'error', errorDetails: expect.stringMatching(/no test/i) });
    expect((await getApp().client.api.runs.byId.query({ runId })).errorCode).toBe('no_tests');
  });

  test('a run that takes longer than its job allows ends as timed_out, and its other tests are skipped', async () => {
    const { client } = getApp();
    const { runId } = await runJob(getApp(), { Endless: scripts.endless, Next: scripts.passing }, { timeoutMs: 1_000 });
    const status = client.stream((api) => api.runs.onStatus, { runId });
    await status.ended;
    expect(status.data.at(-1)).toMatchObject({ status: 'timed_out', kind: 'job', total: 2, passed: 0, failed: 0 });
    expect(status.data.at(-1)?.errorDetails).toMatch(/longer than 1 s/);
    const [first, next] = (await client.api.runs.byId.query({ runId })).tests;
    // A slow machine does not begin the first test within that time.
    expect(['interrupted', 'skipped']).toContain(first!.status);
    expect(next!.status).toBe('skipped');
  });

  test('a job runs its tests in order and continues after a failure', async () => {
    const { client } = getApp();
    const first = await client.api.tests.create.mutate({ name: 'First', script: scripts.failing });
    const second = await client.api.tests.create.mutate({ name: 'Second', script: scripts.passing });
    const job = await client.api.jobs.create.mutate({ name: 'Both', testIds: [second.id, first.id, second.id] });
    const { runId } = await client.api.jobs.run.mutate({ jobId: job.id });
    const status = client.stream((api) => api.runs.onStatus, { runId });
    await status.ended;
    expect(status.data.at(-1)).toMatchObject({ status: 'failed', total: 3, passed: 2, failed: 1 });
    const { tests } = await client.api.runs.byId.query({ runId });
    expect(tests.map((it) => [it.name, it.status])).toEqual([
      ['Second', 'passed'],
      ['First', 'failed'],
      ['Second', 'passed'],
    ]);
  });

  test('a retry runs the script of the earlier run, not the current one', async () => {
    const { client } = getApp();
    const { runId, testId } = await runScript(getApp(), scripts.withoutTests);
    await client.stream((api) => api.runs.onStatus, { runId }).ended;
    await client.api.tests.update.mutate({ testId, script: scripts.passing });
    const retry = await client.api.runs.retry.mutate({ runId });
    const status = client.stream((api) => api.runs.onStatus, retry);
    await status.ended;
    expect(status.data.at(-1)?.status).toBe('error');
    expect(await client.api.runs.byId.query(retry)).toMatchObject({ retryOf: runId, trigger: 'retry' });
  });
});
