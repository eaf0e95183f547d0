import type { Page } from '@playwright/test';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';
import { beginReport, reportRun } from './report-suite.ts';

const suites = (page: Page) => page.getByRole('table', { name: 'Suites' });

test('suites are listed with what they ran of, and a page shows each by branch', async ({ page, app, request }) => {
  await reportRun(request, app.url, { suite: 'Web shop', failed: true });
  await reportRun(request, app.url, { suite: 'Web shop', branch: 'faster-cart' });
  await page.goto('/suites?q=web');
  const row = suites(page).getByRole('row', { name: /Web shop/ });
  await expect(row).toContainText('faster-cart');
  await expect(row).toContainText('0123456');
  await expect(row).toContainText('Round once');
  await expect(row).toContainText('50 %');
  await expect(row.getByRole('img', { name: /Last 2 runs: 1 passed, 1 failed/ })).toBeVisible();
  expect(await findings(page)).toEqual([]);
  // A run that begins elsewhere appears by itself.
  const live = await beginReport(request, app.url, { suite: 'Web shop', branch: 'third' });
  await live.list('adds to the cart');
  await expect(row).toContainText('third');
  await expect(row.getByText('Running')).toBeVisible();
  await live.pass(0);
  await live.finish('passed');
  await expect(row.getByText('Passed', { exact: true })).toBeVisible();

  await row.getByRole('link', { name: 'Web shop' }).click();
  await expect(page.getByRole('heading', { name: 'Web shop', level: 1 })).toBeVisible();
  const grid = page.getByRole('table', { name: 'Cases in the last runs' });
  await expect(grid.getByRole('row', { name: /pays by card/ })).toContainText('shop/pay.spec.ts');
  await expect(grid.getByRole('link', { name: /^Run of/ })).toHaveCount(3);
  await page.getByRole('combobox', { name: 'Branch' }).selectOption('main');
  await expect(page).toHaveURL(/branch=main/);
  await expect(grid.getByRole('link', { name: /^Run of/ })).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'Newest run' })).toContainText('1 of 2 failed');
  expect(await findings(page)).toEqual([]);

  const parts = page.getByRole('navigation', { name: 'Parts of the suite' });
  await parts.getByRole('link', { name: 'Runs' }).click();
  const runs = page.getByRole('table', { name: 'Runs' });
  await expect(runs.getByRole('row')).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Branch' }).selectOption('All branches');
  await expect(runs.getByRole('row')).toHaveCount(4);
  expect(await findings(page)).toEqual([]);

  await parts.getByRole('link', { name: 'Cases' }).click();
  await expect(page.getByRole('region', { name: 'Slowest' })).toContainText('pays by card');
  const failing = page.getByRole('region', { name: 'Failing now' });
  await expect(failing).toContainText('Nothing fails.');
  await page.getByRole('combobox', { name: 'Branch' }).selectOption('main');
  await expect(failing).toContainText('pays by card');
  expect(await findings(page)).toEqual([]);
  await page.getByRole('combobox', { name: 'Branch' }).selectOption('All branches');
  await expect(failing).toContainText('Nothing fails.');
  await page
    .getByRole('region', { name: 'Slowest' })
    .getByRole('link', { name: /pays by card/ })
    .click();
  await expect(page.getByRole('heading', { name: 'pays by card', level: 1 })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Web shop' })).toBeVisible();
  const results = page.getByRole('table', { name: 'Runs' }).getByRole('row');
  await expect(results).toHaveCount(3);
  await page.getByRole('combobox', { name: 'Branch' }).selectOption('main');
  await expect(results).toHaveCount(2);
  await expect(page.getByRole('region', { name: 'Errors' })).toContainText('the button is grey');
  expect(await findings(page)).toEqual([]);
});

test('a suite is archived, restored by undo and from the list of what is archived, and found in the palette', async ({
  page,
  app,
  request,
}) => {
  await reportRun(request, app.url, { suite: 'Old back office' });
  await page.goto('/suites');
  const link = suites(page).getByRole('link', { name: 'Old back office' });
  await link.click();
  const archive = async () => {
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
    await expect(page.getByRole('heading', { name: 'Suites', level: 1 })).toBeVisible();
  };
  await archive();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(link).toBeVisible();
  await link.click();
  await archive();
  await expect(link).toBeHidden();
  await page.getByRole('button', { name: 'Archived' }).click();
  await expect(link).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await link.click();
  await expect(page.getByText('This suite is archived.')).toBeVisible();
  await page.getByRole('button', { name: 'Restore Old back office' }).click();
  await expect(page.getByRole('button', { name: 'Archive', exact: true })).toBeVisible();

  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('dialog', { name: 'Command palette' }).getByRole('combobox').fill('old back');
  await page.getByRole('option', { name: /^Old back office\s*Suite/ }).click();
  await expect(page.getByRole('heading', { name: 'Old back office', level: 1 })).toBeVisible();
});

test('runs are filtered by suite and branch, which stand in the address', async ({ page, app, request }) => {
  const runId = await reportRun(request, app.url, { suite: 'Filtered', branch: 'only/here' });
  await reportRun(request, app.url, { suite: 'Filtered', branch: 'elsewhere' });
  await page.goto('/runs');
  await page.getByRole('button', { name: 'Any source' }).click();
  await page.getByRole('combobox', { name: 'Search tests, jobs and suites' }).fill('filtered');
  await page.getByRole('option', { name: 'Filtered' }).click();
  await expect(page).toHaveURL(/suite=/);
  const rows = page.getByRole('table', { name: 'Runs' }).getByRole('link');
  await expect(rows).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Branch' }).selectOption('only/here');
  await expect(page).toHaveURL(/branch=only/);
  await expect(rows).toHaveCount(1);
  await page.reload();
  await expect(page.getByLabel('Test, job or suite: Filtered')).toBeVisible();
  await expect(rows).toHaveAttribute('href', `/runs/${runId}`);
  await page.getByRole('combobox', { name: 'Trigger' }).selectOption('In the CI');
  await expect(rows).toHaveCount(1);
  expect(await findings(page)).toEqual([]);
  // It starts elsewhere: the list says how, as the page of the run does.
  await page.getByRole('button', { name: 'Retry Filtered' }).click();
  await expect(page.getByRole('dialog', { name: 'Run it again' })).toContainText('npx playwright test');
});

test.describe(() => {
  // A comparison is refused.
  test.use({ tolerated: /status of 400/ });

  test('a run of a branch is compared with main, a failure says where it began, and what is seen has a link', async ({
    page,
    app,
    request,
    context,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const suite = 'Compared shop';
    const onBranch = { suite, branch: 'round-twice', failed: true };
    const first = await reportRun(request, app.url, onBranch);
    await page.goto(`/runs/${first}?tab=compare`);
    await expect(page.getByText('There is no earlier run of this suite with a result')).toBeVisible();
    await reportRun(request, app.url, { suite });
    const { runId, ...second } = await beginReport(request, app.url, { ...onBranch, sha: 'feed'.repeat(10) });
    await second.list('adds to the cart', 'pays by card');
    await second.pass(0);
    await second.fail(1);
    await second.log(1, 'one line\nanother line\n');
    await second.finish('failed');

    await page.goto(`/runs/${runId}`);
    await expect(page.getByRole('link', { name: 'first failed 1 run ago' })).toHaveAttribute(
      'href',
      `/runs/${first}?case=1`,
    );
    await page.getByRole('link', { name: '1 newly failing since the newest run of main' }).click();
    const group = (name: string) => page.getByRole('region', { name });
    await expect(group('Newly failing').getByRole('link')).toContainText('pays by card');
    expect(await findings(page)).toEqual([]);
    const other = page.getByRole('combobox', { name: 'Compared with' });
    await expect(other).toContainText('The newest run of main');
    await other.selectOption(first);
    await expect(page).toHaveURL(new RegExp(`with=${first}`));
    await expect(group('Still failing')).toBeVisible();
    await page.goto(`/runs/${runId}?tab=compare&with=${runId}`);
    await expect(page.getByText('A run is compared with another run of the same suite.')).toBeVisible();
    await page.getByRole('button', { name: 'Compare with another run' }).click();
    await group('Newly failing').getByRole('link').click();

    await expect(page.getByText('First failed on round-twice 1 run ago, in 0123456')).toBeVisible();
    const copied = async (name: string) => {
      await page.getByRole('button', { name }).press('Enter');
      return page.evaluate(() => navigator.clipboard.readText());
    };
    const address = `${app.url}/runs/${runId}`;
    expect(await copied('Copy link to the test')).toBe(`${address}?case=1`);
    await page.getByRole('button', { name: /^Failed: Click/ }).press('Enter');
    expect(await copied('Copy link to the step')).toMatch(/\?case=1&attempt=1&step=\S+$/);
    const log = page.getByRole('log', { name: 'Output of the test' });
    await expect(log).toContainText('another line');
    await log.press('Shift+ArrowDown');
    await expect(log.locator('[aria-current]')).toHaveText(/one line/);
    await log.press('Shift+ArrowDown');
    await expect(log.locator('[aria-current]')).toHaveText(/another line/);
    const ofLine = await copied('Copy link to the line');
    expect(await findings(page)).toEqual([]);

    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(ofLine);
    await expect(log.locator('[aria-current]')).toHaveText(/another line/);
    await expect(log.locator('[aria-current]')).toBeInViewport();
    for (const [gone, says] of [
      ['case=7', 'This run has no test 8: it has 2 tests.'],
      ['case=1&attempt=3', 'The test has no attempt 3: it has 1.'],
      ['case=1&step=none', 'This attempt has no such step'],
      ['case=1&line=999', 'The line of this address is not in the log.'],
    ] as const) {
      await page.goto(`${address}?${gone}`);
      await expect(page.getByText(says)).toBeVisible();
    }
  });
});
