import { readFile } from 'node:fs/promises';
import { emailOf, expect, test as accountsTest } from './accounts-app.ts';
import { test } from './app-test.ts';

test('the owner finds who changed a test, filters the audit log and downloads it', async ({ page, call }) => {
  const { id: testId } = await call('tests.create', { name: 'Watched', script: 'first' });
  await call('tests.update', { testId, name: 'Watched closely', script: 'second' });
  await page.goto('/tests');
  await page.getByRole('link', { name: 'Audit log' }).click();
  const log = page.getByRole('table', { name: 'Audit log' });
  const newest = log.getByRole('row').nth(1);
  await expect(newest).toContainText('Access token changed the test Watched closely');
  await expect(newest).toContainText('name: “Watched” → “Watched closely” · script changed');
  await expect(newest).toContainText('127.0.0.1');

  await newest.getByRole('link', { name: 'Only actions on Watched closely' }).click();
  await expect(page).toHaveURL(new RegExp(`target=${testId}`));
  await expect(log.getByRole('row')).toHaveCount(3);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const file = await readFile(await (await downloading).path(), 'utf8');
  expect(
    file
      .trim()
      .split('\r\n')
      .map((line) => line.split(',')[5]),
  ).toEqual(['action', 'test.updated', 'test.created']);

  await page.getByRole('combobox', { name: 'What' }).selectOption('Variables');
  await expect(page.getByRole('heading', { name: 'No event matches' })).toBeVisible();
  await page.goBack();
  await log.getByRole('link', { name: 'Watched closely', exact: true }).first().click();
  await expect(page.getByRole('heading', { name: 'Watched closely', level: 1 })).toBeVisible();
});

test('a long audit log loads while it is scrolled, and the document holds only the visible rows', async ({
  page,
  call,
}) => {
  const { id: testId } = await call('tests.create', { name: 'Changed often', script: 'first' });
  for (let time = 1; time <= 80; time += 1) await call('tests.update', { testId, script: `change ${time}` });
  await call('tests.archive', { testId });
  await page.goto('/settings/audit');
  const log = page.getByRole('table', { name: 'Audit log' });
  const rows = log.getByRole('row');
  const newest = rows.filter({ hasText: 'archived the test Changed often' });
  const oldest = rows.filter({ hasText: 'created the test Changed often' });
  await expect(newest).toHaveAttribute('aria-rowindex', '2');
  await expect(log).toHaveAttribute('aria-rowcount', '-1');
  await expect(async () => {
    // Less than the window shows, so that no row is passed by.
    await page.mouse.wheel(0, 400);
    await expect(oldest).toBeInViewport({ timeout: 500 });
  }).toPass();
  await expect(oldest).toHaveAttribute('aria-rowindex', '83');
  expect(await rows.count()).toBeLessThan(60);
  await expect(newest).toHaveCount(0);
});

accountsTest(
  'an owner sees refused sign-ins, and runs name the person who started them',
  async ({ join, playwright, accounts }) => {
    const page = await join('Olive', 'owner');
    const stranger = await playwright.request.newContext({ baseURL: accounts.url });
    const data = { email: emailOf('Olive'), password: 'guessed at random' };
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect((await stranger.post('/api/auth/sign-in/email', { data })).status()).toBe(401);
    await stranger.dispose();
    await page.goto('/tests');
    await page.getByRole('table', { name: 'Tests' }).getByRole('link').first().click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(page).toHaveURL(/\?run=/);
    await page.goto('/runs');
    await expect(page.getByRole('table', { name: 'Runs' })).toContainText('Olive');

    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('combobox', { name: 'What' }).selectOption('Refused attempts');
    const log = page.getByRole('table', { name: 'Audit log' });
    await expect(log.getByRole('row').nth(1)).toContainText('Somebody failed to sign in as olive@example.com');
    await expect(log.getByRole('row').nth(1)).toContainText('3 times within a minute');
    await page.getByRole('combobox', { name: 'What' }).selectOption('Everything');
    await page.getByRole('combobox', { name: 'Who' }).selectOption('Olive');
    await expect(log.getByRole('row').nth(1)).toContainText('started a run of');
    await expect(log.getByRole('row').nth(2)).toContainText('signed up as olive@example.com');
  },
);
