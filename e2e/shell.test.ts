import type { Locator, Page, Route } from '@playwright/test';
import { expect, test } from './app-test.ts';
import { endless } from './scripts.ts';

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

test('a theme that is chosen while another tab loads holds there, too', async ({ page, context }) => {
  const theme = (of: Page) => of.evaluate(() => document.documentElement.dataset['theme']);
  await page.goto('/tests');
  await page.getByRole('radio', { name: 'Dark' }).check();
  const loading = await context.newPage();
  const entry = new Promise<Route>((resolve) => void loading.route(/\/assets\/index-[^/]*\.js$/, resolve));
  const loaded = loading.goto('/tests');
  const held = await entry;
  await expect.poll(() => theme(loading)).toBe('dark');
  await page.getByRole('radio', { name: 'Light' }).check();
  await held.continue();
  await loaded;
  await expect.poll(() => theme(loading)).toBe('light');
});

test('the title and icon of the window show running runs', async ({ page, call, runScript }) => {
  const icon = page.locator('link[rel=icon]');
  await page.goto('/tests');
  await expect(page).toHaveTitle('Tests · Runlight');
  await expect(icon).toHaveAttribute('href', '/favicon.svg');
  const { runId } = await runScript('Told by the tab', endless);
  await expect(page).toHaveTitle('1 running · Tests · Runlight');
  await expect(icon).toHaveAttribute('href', '/favicon-running.svg');
  await call('runs.cancel', { runId });
  await expect(page).toHaveTitle('Tests · Runlight');
});

test('a test is run and its run is opened by keyboard alone', async ({ page }) => {
  await page.goto('/tests');
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
  await expect(
    page.getByRole('region', { name: 'Last run' }).getByText('Passed', { exact: true }).first(),
  ).toBeVisible();

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
  for (let presses = 0; presses < 300; presses += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`300 presses of Tab did not lead to ${target}`);
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('every page fits, and the bar at the bottom leads to it', async ({ page }) => {
    await page.goto('/');
    const bar = page.getByRole('navigation', { name: 'Main' });
    for (const name of ['Runs', 'Jobs', 'Workers', 'Overview', 'Tests']) {
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
