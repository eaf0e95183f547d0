import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { createRunlight, RefusedError } from '#sdk/index.ts';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { quick } from './scripts.ts';

interface Package {
  createRunlight: typeof createRunlight;
  RefusedError: typeof RefusedError;
}

const packageDir = path.resolve(import.meta.dirname, '../dist/package');

test.use({ tolerated: /401/ });

test('the package runs in a browser: calls, a stream to its end, an error with its class', async ({
  page,
  app,
  call,
}) => {
  const { id: testId } = await call('tests.create', { name: 'By a page', script: script(quick) });
  // As a page of Runlight's origin would have it, which answers no page of another one.
  await page.route('**/package/*', async (route) => {
    const file = path.join(packageDir, path.basename(new URL(route.request().url()).pathname));
    await route.fulfill({ contentType: 'text/javascript', body: await readFile(file) });
  });
  await page.goto('/healthz');
  const token = app.headers.authorization.replace('Bearer ', '');
  const outcome = await page.evaluate(
    async ({ token, testId }) => {
      const address = '/package/index.js';
      const { createRunlight, RefusedError } = (await import(address)) as Package;
      const url = location.origin;
      const runlight = createRunlight({ url, token });
      const { runId } = await runlight.tests.run.mutate({ testId });
      const statuses: string[] = [];
      for await (const { data } of runlight.runs.onStatus.stream({ runId })) statuses.push(data.status);
      const refusal = await createRunlight({ url, token: 'rl_wrong' })
        .tests.list.query()
        .catch((error: unknown) => error);
      return { first: statuses[0], last: statuses.at(-1), code: refusal instanceof RefusedError && refusal.code };
    },
    { token, testId },
  );
  expect(outcome).toEqual({ first: expect.any(String), last: 'passed', code: 'UNAUTHORIZED' });
});
