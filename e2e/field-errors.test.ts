import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { quick } from './scripts.ts';

test.use({ tolerated: /status of 400/ });

test('a job that is refused takes the focus to its first wrong field, and shows the message once', async ({
  page,
  call,
}) => {
  const { id: testId } = await call('tests.create', { name: 'Of a job', script: script(quick) });
  const { id } = await call('jobs.create', { name: 'Nightly', testIds: [testId] });
  await page.setViewportSize({ width: 1440, height: 500 });
  await page.goto(`/jobs/${id}?tab=settings`);
  const cron = page.getByLabel('Cron expression');
  await cron.fill('every day');
  const message = page.getByText(/five fields/);
  await expect(message).toHaveCount(1);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(cron).toBeFocused();
  await expect(cron).toBeInViewport({ ratio: 1 });
  await expect(cron).toHaveAttribute('aria-invalid', 'true');
  await expect(message).toHaveCount(1);
  await cron.fill('0 7 * * *');
  await expect(message).toHaveCount(0);
  await expect(cron).not.toHaveAttribute('aria-invalid');
});

test('a new job without a name, then without tests', async ({ page }) => {
  await page.goto('/jobs/new');
  await page.getByRole('button', { name: 'Create job' }).click();
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.getByLabel('Name').fill('Nightly');
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByRole('searchbox', { name: /Search/ })).toBeFocused();
  await expect(page.getByText('must name at least one test')).toBeInViewport();
});

test('a new test without a name, then without a script', async ({ page }) => {
  await page.goto('/tests/new');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.getByLabel('Name').fill('Checkout');
  const editor = page.getByRole('textbox', { name: 'Script' });
  await editor.fill('');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(editor).toBeFocused();
});

test('a variable with a reserved name', async ({ page }) => {
  await page.goto('/settings/variables');
  await page.getByLabel('Name').fill('PATH');
  await page.getByLabel('Value').fill('x');
  await page.getByRole('button', { name: 'Set variable' }).click();
  await expect(page.getByLabel('Name')).toBeFocused();
});

test('the error of a script that does not compile is shown once', async ({ page, runScript }) => {
  const { runId } = await runScript('Broken', `test('x', () => {`);
  await page.goto(`/runs/${runId}`);
  // The notice of the run's end, which is beside the page, may name it, too.
  const error = page.getByRole('main').getByText(/SyntaxError/);
  await expect(error.first()).toBeVisible();
  await expect(page.getByText('Error', { exact: true }).first()).toBeVisible();
  // Until the cases of the run have come, its own error is shown, too.
  await expect(error).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'What went wrong' })).toHaveCount(0);
});
