import type { Locator, Page } from '@playwright/test';
import { expect, test } from './app-test.ts';
import { endless, ticker, tickerLines } from './scripts.ts';
import { toastCount } from './toasts.ts';

const icon = (page: Page) => page.locator('link[rel=icon]');

test('the command palette opens pages, runs a test and opens its run', async ({ page }) => {
  await page.goto('/runs');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();

  await page.getByRole('button', { name: 'Search or run' }).first().click();
  await palette.getByRole('combobox').fill('worker');
  await expect(palette.getByRole('option', { selected: true })).toHaveText('Workers');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Workers', level: 1 })).toBeVisible();

  await page.keyboard.press('ControlOrMeta+k');
  await palette.getByRole('combobox').fill('steps and');
  await expect(palette.getByRole('option')).toHaveText([/^Run Steps and console output/, /^Steps and console output/]);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Steps and console output', level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/runs\//);
  await expect(page.getByText('Passed', { exact: true }).first()).toBeVisible();

  await page.keyboard.press('ControlOrMeta+k');
  await palette.getByRole('combobox').fill('nothing is named so');
  await expect(palette.getByText('Nothing matches')).toBeVisible();
  await palette.getByRole('combobox').fill('dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('the theme follows the system until one is chosen, and the choice holds in every tab and after a reload', async ({
  page,
  context,
}) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/tests');
  const background = (of: Page) => of.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background(page);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await background(page);
  expect(light).not.toBe(dark);

  const other = await context.newPage();
  await other.goto('/tests');
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect.poll(() => background(page)).toBe(dark);
  await expect.poll(() => background(other)).toBe(dark);
  await page.reload();
  expect(await background(page)).toBe(dark);
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await page.getByRole('radio', { name: 'Same as system' }).check();
  await expect.poll(() => background(page)).toBe(light);
});

test('the title and icon of the window show running runs and the outcome of the open run', async ({
  page,
  call,
  runScript,
}) => {
  await page.goto('/tests');
  await expect(page).toHaveTitle('Tests · Runlight');
  await expect(icon(page)).toHaveAttribute('href', '/favicon.svg');
  const { runId } = await runScript('Told by the tab', endless);
  await expect(page).toHaveTitle('1 running · Tests · Runlight');
  await expect(icon(page)).toHaveAttribute('href', '/favicon-running.svg');
  await call('runs.cancel', { runId });
  await expect(page).toHaveTitle('Tests · Runlight');

  const failing = await runScript('Fails in the tab', `test('fails', () => expect(1).toBe(2));`);
  await page.goto(`/runs/${failing.runId}`);
  await expect(page).toHaveTitle('Failed: Fails in the tab · Runlight');
  await expect(icon(page)).toHaveAttribute('href', '/favicon-failed.svg');
});

test('the queue in the header lists running and waiting runs live', async ({ page, call, runScript }) => {
  await page.goto('/jobs');
  const runs = [];
  for (let index = 1; index <= 7; index += 1) runs.push(await runScript(`Waits in line ${index}`, endless));
  await page.getByRole('button', { name: 'Running 5/5 Queued 2/50' }).click();
  const queue = page.getByRole('dialog', { name: 'Queue' });
  const waiting = queue.getByRole('region', { name: 'Waiting' }).getByRole('listitem');
  await expect(waiting).toContainText([/Position 1\s*Waits in line 6/, /Position 2\s*Waits in line 7/]);
  await call('runs.cancel', { runId: runs[5]!.runId });
  await expect(waiting).toContainText([/Position 1\s*Waits in line 7/]);
  await queue.getByRole('link', { name: 'Waits in line 7' }).click();
  await expect(queue).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Waits in line 7', level: 1 })).toBeVisible();
  for (const [index, { runId }] of runs.entries()) if (index !== 5) await call('runs.cancel', { runId });
  await expect(page.getByRole('button', { name: 'Running 0/5 Queued 0/50' })).toBeVisible();
});

test('two people follow one run live, and each gets one notice of its end', async ({
  page,
  runScript,
  gate,
  newBrowser,
}) => {
  const other = await (await newBrowser()).newPage();
  const { runId } = await runScript('Seen by two', ticker(gate));
  for (const each of [page, other]) {
    await each.goto(`/runs/${runId}`);
    await expect(each.getByText('Running', { exact: true }).first()).toBeVisible();
  }
  gate.open();
  for (const each of [page, other]) {
    await expect(each.getByRole('log', { name: 'Output of the run' })).toContainText(tickerLines.at(-1)!);
    await expect(each.getByText('Passed', { exact: true }).first()).toBeVisible();
    await expect.poll(() => toastCount(each, 'Seen by two: passed')).toBe(1);
  }
  // A page that is opened later gets no notice.
  const late = await (await newBrowser()).newPage();
  await late.goto('/runs');
  await expect(late.getByRole('link', { name: 'Seen by two' })).toBeVisible();
  expect(await toastCount(late, 'Seen by two: passed')).toBe(0);
});

test('a test is run and its run is opened by keyboard alone', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('table', { name: 'Tests' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  const row = page.getByRole('table', { name: 'Tests' }).getByRole('link', { name: 'Steps and console output' });
  await tabTo(page, row.first());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Steps and console output', level: 1 })).toBeVisible();

  await tabTo(page, page.getByRole('button', { name: 'Run', exact: true }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Last run' }).getByText('Passed', { exact: true })).toBeVisible();

  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('dialog', { name: 'Command palette' }).getByRole('combobox')).toBeFocused();
  await page.keyboard.type('Runs');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, page.getByRole('table', { name: 'Runs' }).getByRole('link').first());
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}/);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`60 presses of Tab did not lead to ${target}`);
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('every page fits, and the bar at the bottom leads to it', async ({ page }) => {
    await page.goto('/');
    const bar = page.getByRole('navigation', { name: 'Main' });
    for (const name of ['Runs', 'Jobs', 'Workers', 'Tests']) {
      await bar.getByRole('link', { name }).tap();
      await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
      await expectToFit(page);
    }
    await page.getByRole('table', { name: 'Tests' }).getByRole('link').first().tap();
    await expect(page.getByRole('textbox', { name: 'Script' })).toBeVisible();
    await expectToFit(page);
    await page.goto('/jobs/new');
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeVisible();
    await expectToFit(page);

    await page.getByRole('button', { name: 'More' }).tap();
    await page.getByRole('dialog', { name: 'More' }).getByRole('radio', { name: 'Dark' }).check();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  });
});

async function expectToFit(page: Page): Promise<void> {
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content).toBeLessThanOrEqual(screen!);
}

test.describe('a page with code that cannot be loaded', () => {
  test.use({ tolerated: /Failed to load resource|net::ERR_|dynamically imported module/, serviceWorkers: 'block' });

  test('breaks alone, and comes back on “Try again”', async ({ page }) => {
    await page.route(/assets\/workers-page/, (route) => route.abort());
    await page.goto('/workers');
    await expect(page.getByRole('alert').getByText('This page broke')).toBeVisible();
    await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
    await page.getByRole('link', { name: 'Tests', exact: true }).click();
    await expect(page.getByRole('table', { name: 'Tests' })).toBeVisible();

    await page.goBack();
    await expect(page.getByRole('alert').getByText('This page broke')).toBeVisible();
    await page.unroute(/assets\/workers-page/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('heading', { name: 'Workers', level: 1 })).toBeVisible();
  });
});
