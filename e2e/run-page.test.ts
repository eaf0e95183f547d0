import type { Locator, Page } from '@playwright/test';
import { expect, test } from './app-test.ts';
import { endless, tinyFilm } from './scripts.ts';

const output = (page: Page) => page.getByRole('log', { name: 'Output of the run' });
const status = (page: Page, name: string) => page.getByRole('definition').getByText(name, { exact: true });
const tabs = (page: Page) => page.getByRole('navigation', { name: 'Parts of the run' });

test('a failing test shows its error at the line, and the address of a step leads to it', async ({
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
  const tree = page.getByRole('region', { name: 'Tests and steps' });
  await expect(tree).toContainText('the cart');
  await expect(tree.getByLabel('Code around the error')).toContainText("> 4 |   await test.step('adds'");
  await expect(tree.getByText('-   "total": 5,')).toHaveClass(/text-good/);
  await expect(tree.getByText('+   "total": 4,')).toHaveClass(/text-bad/);

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
}) => {
  const { testId, runId } = await runScript('Goes on and on', endless);
  await page.goto(`/runs/${runId}`);
  await expect(status(page, 'Running')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel run' }).click();
  const question = page.getByRole('dialog');
  await question.getByRole('button', { name: 'Cancel run' }).click();
  await expect(page.getByRole('button', { name: 'Cancelling' })).toBeVisible();
  await expect(status(page, 'Cancelled')).toBeVisible();

  // It ends while the question stands.
  const second = await call('tests.run', { testId });
  await page.goto(`/runs/${second.runId}`);
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await call('runs.cancel', second);
  await expect(page.getByRole('dialog', { name: 'Finished meanwhile' })).toContainText('cancelled');
  await page.getByRole('button', { name: 'Close', exact: true }).click();

  // It ends between the answer and the server.
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
  await expect(page.getByText('“Goes on and on” had finished meanwhile')).toBeVisible();
  await expect(question).toBeHidden();
  await expect(status(page, 'Cancelled')).toBeVisible();
  // The browser itself complains of the refusal.
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
  // Only what is on screen is in the document.
  expect(await log.getByText(/^line \d+ of many$/).count()).toBeLessThan(200);

  await log.hover();
  await page.mouse.wheel(0, -2_000);
  await expect(lastLine).not.toBeInViewport();
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(lastLine).toBeInViewport();

  await log.press('Home');
  await expect(log.getByText('line 1 of many')).toBeInViewport();
  const search = page.getByRole('searchbox', { name: 'Search the output' });
  await search.fill('LINE 7777');
  await expect(page.getByText('1 of 11', { exact: true })).toBeVisible();
  await search.press('Enter');
  await expect(page.getByText('2 of 11', { exact: true })).toBeVisible();
  await expect(log.getByText('line 77770 of many')).toBeInViewport();
  await expect(log.locator('mark').first()).toHaveText('line 7777');

  await log.getByRole('link', { name: 'Line 77770', exact: true }).click();
  await expect(page).toHaveURL(/line=77770/);
  await page.reload();
  await expect(log.locator('[aria-current="true"]')).toContainText('line 77770 of many');
  await expect(log.getByText('line 77770 of many')).toBeInViewport();

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
  const tree = page.getByRole('region', { name: 'Tests and steps' });
  await expect(tree).toContainText('<b>title</b>');
  await expect(tree).toContainText('Expected: "</pre><b>no</b>"');
  await expect(tree).toContainText('s'.repeat(500));
  await expect(page.locator('main').locator('b, script, img')).toHaveCount(0);
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(width, 'what is wider than the window').toBeLessThanOrEqual(0);

  await page.goto('/runs?q=%3Cscript%3E');
  await expect(page.getByRole('table', { name: 'Runs' }).getByRole('link')).toHaveText(name);
});

test('failed tests alone are run again, and the new run is compared with the one before', async ({ page, call }) => {
  const create = (name: string, body: string) =>
    call('tests.create', {
      name,
      script: `import { test, expect } from '@playwright/test';\n${body}\n`,
    });
  const good = await create('Holds', `test('holds', () => {});`);
  const bad = await create('Breaks', `test('breaks', () => expect(1).toBe(2));`);
  const job = await call('jobs.create', { name: 'Half good', testIds: [good.id, bad.id] });
  const { runId } = await call('jobs.run', { jobId: job.id });
  await page.goto(`/runs/${runId}?tab=timeline`);
  await expect(status(page, 'Failed')).toBeVisible();
  const timeline = page.getByRole('list', { name: 'Timeline of the tests' });
  await expect(timeline.getByRole('button')).toHaveText([/Holds › holds/, /Breaks › breaks/]);
  await tabs(page).getByRole('link', { name: 'Compare' }).click();
  await expect(page.getByText('there is nothing to compare with yet')).toBeVisible();

  await page.getByRole('button', { name: 'Retry failed only' }).click();
  await expect(page).not.toHaveURL(new RegExp(runId));
  await expect(page.getByText('of 1 test')).toBeVisible();
  await expect(status(page, 'Failed')).toBeVisible();
  await tabs(page).getByRole('link', { name: 'Compare' }).click();
  const still = page.getByRole('region', { name: 'Still failing' });
  await expect(still).toContainText('Breaks › breaks');
  await expect(page.getByText('1 not in this run')).toBeVisible();
  await page.goBack();
  await expect(output(page)).toBeVisible();
});

test('a failed browser test shows its screenshots, videos and report, and its trace opens in the trace viewer', async ({
  page,
  runScript,
}) => {
  const { runId } = await runScript(
    'Opens a page',
    `test('greets', async ({ page }, testInfo) => {
  await testInfo.attach('film', { body: Buffer.from('${tinyFilm}', 'base64'), contentType: 'video/webm' });
  await page.setContent('<h1>Good evening</h1>');
  await expect(page.getByRole('heading')).toHaveText('Good morning', { timeout: 500 });
});`,
  );
  await page.goto(`/runs/${runId}?tab=artifacts`);
  await page.getByRole('button', { name: /^Show .* large$/ }).click();
  const large = page.getByRole('dialog');
  await expect(large.getByRole('img')).toBeVisible();
  await expect(page).toHaveURL(/artifact=/);
  await page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  const width = (film: Locator) => film.evaluate((video: HTMLVideoElement) => video.videoWidth);
  await expect.poll(() => width(page.locator('video'))).toBe(16);

  await tabs(page).getByRole('link', { name: 'Report' }).click();
  const report = page.frameLocator('iframe[title="Report of Opens a page"]');
  await report.getByText('greets').first().click();
  await expect.poll(() => width(report.locator('video'))).toBe(16);
  await tabs(page).getByRole('link', { name: 'Artifacts' }).click();

  const [viewer] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'View trace' }).click(),
  ]);
  await expect(viewer).toHaveTitle(/Playwright Trace Viewer|greets/);
  await expect(viewer.getByText('Set content').first()).toBeVisible();
});
