import type { Page } from '@playwright/test';
import { expect, test } from './app-test.ts';
import { endless } from './scripts.ts';
import { toastCount } from './toasts.ts';

const output = (page: Page) => page.getByRole('log', { name: 'Output of the test' });
const status = (page: Page, name: string) => page.getByRole('definition').getByText(name, { exact: true });

test('a failing test shows its error at the line and in the title of the window, and each step has an address', async ({
  page,
  runScript,
}) => {
  const { runId } = await runScript(
    'Adds up the cart',
    `test('sums', async () => {
  await test.step('fills the cart', () => {});
  await test.step('adds', () => expect({ total: 4 }, 'the cart').toEqual({ total: 5 }));
});`,
  );
  await page.goto(`/runs/${runId}`);
  const tree = page.getByRole('main');
  await expect(tree).toContainText('the cart');
  await expect(tree.getByLabel('Code around the error')).toContainText("> 4 |   await test.step('adds'");
  await expect(tree.getByText('-   "total": 5,')).toHaveClass(/text-good/);
  await expect(tree.getByText('+   "total": 4,')).toHaveClass(/text-bad/);
  await expect(page).toHaveTitle('Failed: Adds up the cart · Runlight');
  await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon-failed.svg');

  const step = tree.getByRole('button', { name: /^Failed: adds/ });
  await expect(step).toContainText('line 4');
  await step.click();
  await expect(page).toHaveURL(/step=/);
  await page.reload();
  await expect(step).toHaveAttribute('aria-current', 'true');
});

test('a running run is cancelled, and a run that has just finished is not', async ({
  page,
  request,
  app,
  complaints,
  call,
  runScript,
  gate,
}) => {
  const body = `test.afterEach(async () => { ${gate.wait} });\n${endless}`;
  const { testId, runId } = await runScript('Goes on and on', body);
  await page.goto(`/runs/${runId}`);
  await expect(status(page, 'Running')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel run' }).click();
  const question = page.getByRole('dialog');
  await question.getByRole('button', { name: 'Cancel run' }).click();
  await expect(page.getByRole('button', { name: 'Cancelling' })).toBeVisible();
  gate.open();
  await expect(status(page, 'Cancelled')).toBeVisible();

  // The run ends while the dialog is open.
  const second = await call('tests.run', { testId });
  await page.goto(`/runs/${second.runId}`);
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await call('runs.cancel', second);
  await expect(page.getByRole('dialog', { name: 'Finished meanwhile' })).toContainText('cancelled');
  await page.getByRole('button', { name: 'Close', exact: true }).click();

  // The run ends between the user's answer and its arrival at the server.
  const third = await call('tests.run', { testId });
  await page.route('**/api/trpc/runs.cancel*', async (route) => {
    await call('runs.cancel', third);
    await expect
      .poll(async () => (await request.post(`${app.url}/api/trpc/runs.cancel`, { data: third })).status())
      .toBe(409);
    await route.continue();
  });
  await page.goto(`/runs/${third.runId}`);
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await question.getByRole('button', { name: 'Cancel run' }).click();
  await expect.poll(() => toastCount(page, '“Goes on and on” had finished meanwhile')).toBe(1);
  await expect(question).toBeHidden();
  await expect(status(page, 'Cancelled')).toBeVisible();
  // The browser itself logs the refusal.
  await expect.poll(() => complaints.splice(0)).toEqual([expect.stringContaining('409')]);
});

test('a log of a hundred thousand lines follows its end, scrolls, is searched, and has an address for each line', async ({
  page,
  call,
  runScript,
}) => {
  const { runId } = await runScript(
    'Prints a lot',
    `test('prints', async () => {
  test.setTimeout(0);
  for (let n = 1; n <= 100_000; n++) console.log('line ' + n + ' of many');
  await new Promise(() => {});
});`,
  );
  await page.goto(`/runs/${runId}`);
  const log = output(page);
  const lastLine = log.getByText('line 100000 of many');
  await expect(lastLine).toBeInViewport();
  // The document holds only the visible lines.
  expect(await log.getByText(/^line \d+ of many$/).count()).toBeLessThan(200);

  await log.hover();
  await page.mouse.wheel(0, -2_000);
  await expect(lastLine).not.toBeInViewport();
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(lastLine).toBeInViewport();

  const search = page.getByRole('searchbox', { name: 'Search the output' });
  await search.fill('LINE 7777');
  await expect(page.getByText('1 of 11', { exact: true })).toBeVisible();
  await search.press('Enter');
  await expect(page.getByText('2 of 11', { exact: true })).toBeVisible();
  await expect(log.getByText('line 77770 of many')).toBeInViewport();
  await expect(log.locator('mark').first()).toHaveText('line 7777');
  const row = log.locator('div:has(> bdi)').filter({ hasText: 'line 77770 of many' });
  await row.getByRole('link').click();
  await expect(page).toHaveURL(/line=\d+/);
  await page.reload();
  await expect(log.locator('[aria-current="true"]')).toContainText('line 77770 of many');
  await expect(log.getByText('line 77770 of many')).toBeInViewport();
  // Earlier lines come as the reader goes to the beginning of those that are there.
  await expect(async () => {
    await log.press('Home');
    await expect(log.getByText('line 1 of many')).toBeInViewport({ timeout: 1_000 });
  }).toPass();
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(lastLine).toBeInViewport();

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the output' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('output.log');
  await call('runs.cancel', { runId });
  await expect(status(page, 'Cancelled')).toBeVisible();
});

test('hostile names and output are shown as text', async ({ page, runScript }) => {
  page.on('dialog', (dialog) => {
    throw new Error(`a script of the test's text ran: ${dialog.message()}`);
  });
  const name = `<script>alert(1)</script> שלום 🦄 <img src=x onerror=alert(2)>`;
  const { runId } = await runScript(
    name,
    `test('<b>title</b> \\u202E reversed 🦄', async () => {
  console.log('<img src=x onerror=alert(3)> \\u202E 🦄 \\u001b[31mred\\u001b[0m \\u001b]8;;javascript:alert(4)\\u0007link\\u001b]8;;\\u0007');
  console.error('x'.repeat(10_000));
  await test.step('s'.repeat(10_000), () => expect('<script>alert(5)</script>').toBe('</pre><b>no</b>'));
});`,
  );
  await page.goto(`/runs/${runId}`);
  await expect(status(page, 'Failed')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
  const log = output(page);
  await expect(log).toContainText('<img src=x onerror=alert(3)>');
  await expect(log).toContainText('red link');
  await expect(log.getByText('red', { exact: true })).toHaveClass(/text-bad/);
  await expect(log).toContainText(`${'x'.repeat(100)} … 6,000 more characters`);
  const tree = page.getByRole('main');
  await expect(tree).toContainText('<b>title</b>');
  await expect(tree).toContainText('Expected: "</pre><b>no</b>"');
  await expect(tree).toContainText('s'.repeat(500));
  await expect(page.locator('main').locator('b, script, img')).toHaveCount(0);
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(width, 'what is wider than the window').toBeLessThanOrEqual(0);

  await page.goto('/runs?q=%3Cscript%3E');
  await expect(page.getByRole('table', { name: 'Runs' }).getByRole('link')).toHaveText(name);
});
