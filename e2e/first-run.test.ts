import { expect, test } from './app-test.ts';
import { startApp } from './running-app.ts';
import { toastCount } from './toasts.ts';

test('a newcomer opens the printed address, runs the sample test, watches it pass and opens its report', async ({
  page,
  context,
}) => {
  // Nothing has run in it.
  await using app = await startApp();
  await context.clearCookies();
  await page.goto(app.entrance);
  expect(page.url()).not.toContain('token');
  const steps = page.getByRole('region', { name: 'First steps' });
  await expect(steps.getByRole('heading')).toHaveText([
    'First steps',
    /Run a sample/,
    /Open the failure/,
    /Watch your own suite/,
  ]);
  await page.getByRole('link', { name: 'Tests', exact: true }).click();
  await page.getByRole('table', { name: 'Tests' }).getByRole('link', { name: 'Health endpoint answers' }).click();
  const name = await page.getByRole('textbox', { name: 'Name' }).inputValue();
  await page.getByRole('button', { name: 'Run', exact: true }).click();

  const finished = page.getByRole('region', { name: 'Last run' });
  await expect(finished.getByText('Passed', { exact: true }).first()).toBeVisible();
  await expect.poll(() => toastCount(page, `${name}: passed`)).toBe(1);
  await expect(page.getByRole('table', { name: 'Recent runs' }).getByRole('row')).toHaveCount(2);

  const [report] = await Promise.all([
    page.waitForEvent('popup'),
    finished.getByRole('link', { name: 'Open report' }).click(),
  ]);
  await expect(report).toHaveTitle('Playwright Test Report');
  await expect(report.getByText('Passed').first()).toBeVisible();
  // Pages that are open when the app ends complain.
  await report.close();
  await page.close();
});
