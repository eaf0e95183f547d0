import type { Page } from '@playwright/test';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { endless, quick } from './scripts.ts';

const lastRuns = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Tests' }).getByRole('row', { name }).getByRole('img');

test('the test list shows results of a job while it runs, and a cancelled job shows what did not run', async ({
  page,
  call,
}) => {
  const done = await call('tests.create', { name: 'Ends soon', script: script(quick) });
  const skipped = await call('tests.create', { name: 'Says no', script: script(`test.skip('not today', () => {});`) });
  const open = await call('tests.create', { name: 'Half way, and waits', script: script(endless) });
  const late = await call('tests.create', { name: 'Comes too late', script: script(quick) });
  const testIds = [done.id, skipped.id, open.id, late.id];
  const job = await call('jobs.create', { name: 'Half way', testIds });
  await page.goto('/tests');
  await expect(lastRuns(page, 'Ends soon')).toHaveAccessibleName('No runs yet');
  const { runId } = await call('jobs.run', { jobId: job.id });
  await expect(lastRuns(page, 'Ends soon')).toHaveAccessibleName(/Newest: passed/);
  await expect(lastRuns(page, 'Half way, and waits')).toHaveAccessibleName(/Newest: running/);

  await page.goto(`/runs/${runId}`);
  await call('runs.cancel', { runId });
  await expect(page.getByText('2 of 4 tests · 1 passed, 1 interrupted, 1 skipped, 1 not run')).toBeVisible();
  const tests = page.getByRole('list', { name: 'Tests and steps' });
  await expect(tests.getByRole('button', { name: 'Skipped: Says no' })).toBeVisible();
  await expect(tests.getByRole('button', { name: 'Not run: Comes too late' })).toBeVisible();
});
