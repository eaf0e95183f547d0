import { describe, expect, test } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { serveRouter } from '#server/testing/serve-router.ts';
import { createExampleRouter } from './example-router.ts';

/** Runs the test and ends the run, in the place of a worker. */
async function endRun({ client, services }: TestSystem, testId: string, status: 'passed' | 'failed') {
  const { runId } = await client.api.tests.run.mutate({ testId });
  await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  await commitRun(services, runId, { from: ['running'], to: status });
}

const unknownId = '018f0000-0000-7000-8000-000000000000';

describe.each(['redis', 'postgres'] as const)('the pass rate of a test, over %s', (backend) => {
  test('is streamed as it changes, and a client that comes back gets only what it lacks', async () => {
    // The fallback poll must not hide a bell that never rings.
    await using app = await testApp({ backend, fallbackIntervalMs: 600_000 });
    await using example = await serveRouter(app, createExampleRouter(app.services));
    const { id: testId } = await app.client.api.tests.create.mutate({ name: 'Rated', script: passing });
    const rates = example.client.stream((api) => api.tests.onPassRate, { testId });
    await eventually(() => expect(rates.data).toEqual([{ runs: 0, passed: 0 }]));

    await endRun(app, testId, 'passed');
    await eventually(() => expect(rates.data.at(-1)).toEqual({ runs: 1, passed: 1 }));
    const { id: lastEventId } = rates.events.at(-1)!;
    rates.close();

    await endRun(app, testId, 'failed');
    const resumed = example.client.stream((api) => api.tests.onPassRate, { testId, lastEventId });
    await eventually(() => expect(resumed.data).toEqual([{ runs: 2, passed: 1 }]));
  });

  test('of another project, or of no test, is not found', async () => {
    await using app = await testApp({ backend });
    const { id: testId } = await app.client.api.tests.create.mutate({ name: 'Rated', script: passing });
    await using example = await serveRouter(app, createExampleRouter(app.services));
    await using elsewhere = await serveRouter({ ...app, projectId: unknownId }, createExampleRouter(app.services));
    for (const rates of [
      elsewhere.client.stream((api) => api.tests.onPassRate, { testId }),
      example.client.stream((api) => api.tests.onPassRate, { testId: unknownId }),
    ])
      await expect(rates.ended).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  });

  test('ends at the first pass where it is asked to', async () => {
    await using app = await testApp({ backend });
    await using example = await serveRouter(app, createExampleRouter(app.services));
    const { id: testId } = await app.client.api.tests.create.mutate({ name: 'Rated', script: passing });
    const rates = example.client.stream((api) => api.tests.onPass, { testId });
    await eventually(() => expect(rates.data).toHaveLength(1));
    await endRun(app, testId, 'passed');
    await rates.ended;
    expect(rates.data.at(-1)).toEqual({ runs: 1, passed: 1 });
  });

  test('has its verdicts in order, those from before first, each once', async () => {
    await using app = await testApp({ backend });
    await using example = await serveRouter(app, createExampleRouter(app.services));
    const { id: testId } = await app.client.api.tests.create.mutate({ name: 'Rated', script: passing });
    await endRun(app, testId, 'passed');
    const verdicts = example.client.stream((api) => api.verdicts.onVerdicts, { testId });
    const statuses = () => verdicts.data.map(({ status }) => status);
    await eventually(() => expect(statuses()).toEqual(['passed']));
    await endRun(app, testId, 'failed');
    await endRun(app, testId, 'passed');
    await eventually(() => expect(statuses()).toEqual(['passed', 'failed', 'passed']));
    const { id: lastEventId } = verdicts.events[1]!;
    const resumed = example.client.stream((api) => api.verdicts.onVerdicts, { testId, lastEventId });
    await eventually(() => expect(resumed.events).toEqual(verdicts.events.slice(2)));
  });
});
