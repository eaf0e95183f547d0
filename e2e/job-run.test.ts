import type { Page } from '@playwright/test';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { endless, quick } from './scripts.ts';
import { toastCount } from './toasts.ts';

const lastRuns = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Tests' }).getByRole('row', { name }).getByRole('img');

test('a job is run from its page, its results appear while it runs, and after a cancel it shows what did not run', async ({
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

  await page.goto(`/jobs/${job.id}`);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const current = page.getByRole('region', { name: 'This run' });
  await expect(current.getByText('2 of 4 done, 1 skipped')).toBeVisible();
  await page.getByRole('link', { name: 'Tests', exact: true }).click();
  await expect(lastRuns(page, 'Ends soon')).toHaveAccessibleName(/Newest: passed/);
  await expect(lastRuns(page, 'Half way, and waits')).toHaveAccessibleName(/Newest: running/);

  await page.goBack();
  await current.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('dialog', { name: 'Cancel this run?' }).getByRole('button', { name: 'Cancel run' }).click();
  const runs = page.getByRole('table', { name: 'Recent runs' });
  await expect(runs.getByText('Cancelled', { exact: true })).toBeVisible();
  await expect.poll(() => toastCount(page, 'Half way: cancelled')).toBe(1);
  await runs.getByRole('link', { name: 'Cancelled run of Half way' }).click();
  await expect(page.getByRole('button', { name: 'Retry all', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry the rest (2)' })).toBeVisible();
  await expect(page.getByRole('button', { name: '1 interrupted' })).toBeVisible();
  await expect(page.getByRole('button', { name: '1 not run' })).toBeVisible();
  const tests = page.getByRole('tree', { name: 'Tests' });
  await expect(tests.getByRole('treeitem', { name: /^Skipped: not today/ })).toBeVisible();
  await expect(tests.getByRole('treeitem', { name: /^Not run: is quick/ })).toBeVisible();
});

test('the job list shows when a job is due and what failed, and the failed case alone is run again and compared', async ({
  page,
  call,
}) => {
  const good = await call('tests.create', { name: 'Holds', script: script(`test('holds', () => {});`) });
  const bad = await call('tests.create', {
    name: 'Breaks',
    script: script(`test('breaks', () => { throw new Error('no such luck'); }); test('works', () => {});`),
  });
  const job = { name: 'Half good', testIds: [good.id, bad.id], schedule: '0 7 * * 1-5', timezone: 'Europe/Berlin' };
  const { id: jobId } = await call('jobs.create', job);
  await page.goto('/jobs');
  const row = page.getByRole('row').filter({ hasText: 'Half good' });
  await expect(row).toContainText('Every weekday at 07:00');
  await expect(row).toContainText('Europe/Berlin, in');
  await row.getByRole('button', { name: 'Run Half good' }).click();
  await expect(row.getByRole('img', { name: 'Last 1 run: 1 failed. Newest: failed' })).toBeVisible();
  await expect(row).toContainText('Error: no such luck');

  // The page of a test shows its jobs and their state.
  await page.goto(`/tests/${bad.id}`);
  await expect(page.getByText('Used by').locator('..').getByText('Failed', { exact: true })).toBeVisible();
  const link = page.getByRole('link', { name: 'Half good', exact: true });
  await expect(link).toHaveAttribute('href', `/jobs/${jobId}`);
  await link.click();
  await page.getByRole('link', { name: 'Failed run of Half good' }).click();

  const tabs = page.getByRole('navigation', { name: 'Parts of the run' });
  await tabs.getByRole('link', { name: 'Timeline' }).click();
  const timeline = page.getByRole('list', { name: 'Timeline of the tests' });
  await expect(timeline.getByRole('button')).toHaveText([/holds/, /breaks/, /works/]);
  await tabs.getByRole('link', { name: 'Compare' }).click();
  await expect(page.getByText('There is no earlier run of this job with a result to compare with.')).toBeVisible();

  const before = new URL(page.url()).pathname;
  await page.getByRole('button', { name: 'Retry failed (1)' }).click();
  await expect(page).not.toHaveURL(new RegExp(before));
  await expect(page.getByRole('heading', { name: 'Half good › 1 of 3 cases' })).toBeVisible();
  await expect(page.getByRole('definition').getByText('Failed', { exact: true })).toBeVisible();
  await tabs.getByRole('link', { name: 'Compare' }).click();
  const still = page.getByRole('region', { name: 'Still failing' });
  await expect(still.getByRole('link', { name: 'Breaks › breaks' })).toHaveAttribute('href', /\/runs\/[^?]+\?case=0$/);
  await tabs.getByRole('link', { name: 'Timeline' }).click();
  await expect(timeline.getByRole('button')).toHaveText([/breaks/]);
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole('log', { name: 'Output of the test' })).toBeVisible();
});
