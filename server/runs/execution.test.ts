import { expect, test } from 'vitest';
import { testApp } from '#server/testing/resources.ts';

test.each(['postgres', 'redis'] as const)('a passing test runs live from queued to passed on %s', async (backend) => {
  await using app = await testApp({ backend, worker: true });
  const { client } = app;
  const created = await client.api.tests.create.mutate({
    name: 'Adds',
    script: `import { test, expect } from '@playwright/test';
test('adds', async () => {
  await test.step('one and one', () => expect(1 + 1).toBe(2));
  console.log('it is two');
});`,
  });
  const { runId } = await client.api.tests.run.mutate({ testId: created.id });
  const status = client.onRunStatus({ runId });
  const events = client.onRunEvents({ runId });
  await status.ended;
  await events.ended;

  const last = status.data.at(-1)!;
  expect(last).toMatchObject({ status: 'passed', runId, kind: 'test', name: 'Adds', total: 1, passed: 1, failed: 0 });
});
