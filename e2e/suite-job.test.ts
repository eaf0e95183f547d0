import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';
import { pushBundle } from './bundles.ts';

test.use({ tolerated: /status of 400/ });

test('a job of a suite is made, says what it runs, and leads to its run', async ({ page, app, request }) => {
  await pushBundle(request, app.url, 'Shop of a job', { branch: 'main', commitMessage: 'feat: pay by card' });
  await page.goto('/jobs/new');
  await page.getByLabel('Name').fill('Nightly shop');
  await page.getByRole('radio', { name: 'Suite' }).check();
  await page.getByRole('button', { name: 'Create job' }).click();
  await expect(page.getByText('Suite must be chosen')).toBeVisible();
  await page.getByRole('combobox', { name: 'Suite', exact: true }).selectOption('Shop of a job');
  await page.getByLabel('Bundle', { exact: true }).selectOption('The newest of a branch');
  await page.getByLabel('Branch').fill('main');
  await page.getByLabel('Parts').fill('auto');
  await expect(page.getByLabel('Wanted time')).toBeVisible();
  await page.getByLabel('Parts').fill('2');
  await page.getByLabel('Titles', { exact: true }).fill('@smoke');
  await page.getByLabel('Cron expression').fill('0 7 * * *');
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Create job' }).click();

  const runs = page.getByRole('region', { name: 'What it runs' });
  await expect(runs).toContainText('The suite Shop of a job, in 2 parts');
  await expect(runs).toContainText('The newest bundle of main');
  await expect(runs).toContainText('feat: pay by card');
  await expect(runs).toContainText('--grep=@smoke');
  expect(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.setViewportSize({ width: 1280, height: 800 });

  const tabs = page.getByRole('navigation', { name: 'Parts of the job' });
  await tabs.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByLabel('Branch')).toHaveValue('main');
  await page.getByLabel('Bundle', { exact: true }).selectOption('Always the same one');
  await page.getByLabel('Pinned bundle').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
  await tabs.getByRole('link', { name: 'Overview' }).click();
  await expect(runs).toContainText('Always this bundle');

  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const recent = page.getByRole('table', { name: 'Recent runs' });
  await recent
    .getByRole('link', { name: /Nightly shop/ })
    .first()
    .click();
  await expect(page.getByRole('link', { name: 'Open the job' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open the suite' })).toBeVisible();

  await page.goto('/jobs?q=nightly+shop');
  await expect(page.getByRole('table', { name: 'Jobs' })).toContainText('Nightly shop');
});
