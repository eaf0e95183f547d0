import { findings } from './axe.ts';
import { expect, test } from './accounts-app.ts';
import { call, runScript } from './api.ts';
import { beginReport } from './report-suite.ts';

const failing = (title: string) => `test('${title}', () => { expect('no mail').toBe('one mail'); });`;

test('a failing case is found on the overview, put into quarantine by keyboard, and released', async ({
  page,
  ada,
  accounts,
  join,
}) => {
  await page.goto('/');
  const fails = page.getByRole('region', { name: 'Failing now' });
  await expect(fails).toBeVisible();
  // The overview is live: nothing is reloaded.
  const title = 'Sends one mail';
  const { testId } = await runScript(ada, accounts.url, title, failing(title));
  await fails.getByRole('link', { name: title }).click();
  await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Errors' })).toContainText('1 time');
  const runs = page.getByRole('table', { name: 'Runs' });
  await expect(runs.getByRole('link')).toHaveText([/^Failed, run of/]);
  expect(await findings(page)).toEqual([]);

  await page.getByRole('button', { name: 'Quarantine' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Put into quarantine' });
  await expect(dialog.getByLabel('Reason')).toBeFocused();
  await expect(dialog.getByLabel('Owner')).toHaveValue('Ada Lovelace');
  expect(await findings(page)).toEqual([]);
  await page.keyboard.type('The mail server is slow');
  await dialog.getByLabel('Owner').fill('Team Mail');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  const notice = page.getByRole('region', { name: 'Quarantine' });
  await expect(notice).toContainText('The mail server is slow');
  await expect(notice).toContainText('Owner: Team Mail. Put there by Ada Lovelace');
  expect(await findings(page)).toEqual([]);

  await call(ada, accounts.url, 'tests.run', { testId });
  await expect(runs.getByRole('link')).toHaveText([/^Failed in quarantine, run of/, /^Failed, run of/]);
  const address = page.url();
  await page.goto('/runs');
  // It fails in it, and fails nothing.
  await expect(page.getByRole('table', { name: 'Runs' }).getByRole('row').nth(1)).toContainText('Passed');

  const viewer = await join('Victor', 'viewer');
  await viewer.goto(address);
  await expect(viewer.getByRole('region', { name: 'Quarantine' })).toContainText('Team Mail');
  await expect(viewer.getByRole('main').getByRole('button', { name: /Quarantine|Change|Release/ })).toHaveCount(0);
  await viewer.goto('/');
  await expect(viewer.getByRole('region', { name: 'In quarantine' }).getByRole('link', { name: title })).toBeVisible();
  await expect(viewer.getByRole('region', { name: 'Failing now' }).getByRole('link', { name: title })).toBeHidden();

  await page.goto(address);
  await notice.getByRole('button', { name: 'Release' }).click();
  await expect(notice).toBeHidden();
  await expect(page.getByRole('button', { name: 'Quarantine' })).toBeVisible();
  await page.goto('/settings/audit');
  const log = page.getByRole('table', { name: 'Audit log' });
  await expect(log.getByRole('row', { name: /released from quarantine the case/ })).toContainText(title);
});

test('a case that does not exist says so, and leads on', async ({ page }) => {
  await page.goto('/cases/018f0000-0000-7000-8000-000000000000');
  await expect(page.getByRole('heading', { name: 'There is no such case' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to the overview' }).click();
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('the overview leads to a case, and both fit', async ({ page, ada, accounts }) => {
    const title = 'A rather long title of a case that no phone has the room for, whatever its owner does';
    const reporter = await beginReport(ada, accounts.url, { suite: 'Titles of some length' });
    await reporter.list(title);
    await reporter.fail(0);
    await reporter.finish('failed');
    await page.goto('/');
    const fits = () =>
      expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth))
        .toBe(0);
    const link = page.getByRole('region', { name: 'Failing now' }).getByRole('link', { name: title });
    await expect(link).toBeVisible();
    await fits();
    await link.tap();
    await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
    await fits();
    await page.getByRole('button', { name: 'Quarantine' }).tap();
    await expect(page.getByRole('dialog', { name: 'Put into quarantine' })).toBeVisible();
    await fits();
  });
});
