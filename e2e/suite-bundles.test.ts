// Playwright does not set the condition under which `#server` resolves to sources.
// oxlint-disable-next-line import/no-relative-parent-imports
import { startGitServer } from '../server/testing/git-server.ts';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';
import { pushBundle } from './bundles.ts';

test('a suite that was pushed is run with options, and a run that cannot begin says why', async ({
  page,
  app,
  request,
}) => {
  const suiteId = await pushBundle(request, app.url, 'Bundled shop', {
    branch: 'main',
    commitSha: 'a1b2c3d4e5',
    commitMessage: 'feat: pay by card',
  });
  await page.goto(`/suites/${suiteId}`);
  await page.getByRole('navigation', { name: 'Parts of the suite' }).getByRole('link', { name: 'Bundles' }).click();
  const bundles = page.getByRole('table', { name: 'Bundles' });
  await expect(bundles.getByText('feat: pay by card')).toBeVisible();
  expect(await findings(page)).toEqual([]);

  await bundles.getByRole('button', { name: /^Run bundle/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Run Bundled shop' });
  await dialog.getByLabel('Projects').fill('chromium, mobile');
  expect(await findings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('heading', { name: 'Bundled shop', level: 1 })).toBeVisible();
  const origin = page.getByRole('list', { name: 'Where the run comes from' });
  await expect(origin).toContainText('a1b2c3d');
  await expect(origin).toContainText('--project=chromium --project=mobile');
  await expect(page.getByText('The lock file does not fit package.json').first()).toBeVisible();
});

test('a suite without a bundle says how one is pushed', async ({ page, app, request }) => {
  const suiteId = await pushBundle(request, app.url, 'Pushed and gone');
  await page.goto(`/suites/${suiteId}?tab=bundles`);
  await page.getByRole('button', { name: /^Delete bundle/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('npx runlight push --suite "Pushed and gone"')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeHidden();
});

test.describe('from git', () => {
  test.use({ tolerated: /status of 400/ });

  test('a suite is added, gets another source, and a run and a job fetch it from there', async ({ page }) => {
    await using git = await startGitServer();
    const files = { 'package.json': '{"dependencies":{"a":"file:a"}}', 'a/package.json': '{"version":"1.0.0"}' };
    const lock = { 'package-lock.json': '{"lockfileVersion":3,"packages":{}}', 'playwright.config.ts': '' };
    const commit = git.repository('public.git', { ...files, ...lock }).commit('feat: pay by gift card');
    await page.goto('/suites');
    await page.getByRole('button', { name: 'Add from git' }).first().click();
    const added = page.getByRole('dialog', { name: 'Add a suite from git' });
    await added.getByLabel('Name').fill('Shop in git');
    await added.getByLabel('Repository').fill('http://git.example.com/shop.git');
    await added.getByRole('button', { name: 'Add suite' }).click();
    await expect(added.getByText('Repository must begin with https://')).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await added.getByLabel('Repository').fill('https://git.example.com/shop.git');
    await added.getByRole('button', { name: 'Add suite' }).click();

    const source = page.getByRole('region', { name: 'Git source' });
    await source.getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog', { name: 'Git source of Shop in git' });
    await dialog.getByLabel('Repository').fill(`${git.url}/public.git`);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(source).toContainText(`${git.url}/public.git`);
    expect(await findings(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.setViewportSize({ width: 1280, height: 800 });

    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const run = page.getByRole('dialog', { name: 'Run Shop in git' });
    await run.getByLabel('Bundle').selectOption('From git');
    await expect(run.getByLabel('Branch')).toHaveValue('main');
    expect(await findings(page)).toEqual([]);
    await run.getByRole('button', { name: 'Run' }).click();
    const origin = page.getByRole('list', { name: 'Where the run comes from' });
    await expect(origin).toContainText(commit.slice(0, 7));
    await expect(origin).toContainText('feat: pay by gift card');
    await expect(page.getByText('The lock file does not fit package.json').first()).toBeVisible();

    await page.goto('/jobs/new');
    await page.getByLabel('Name').fill('Nightly from git');
    await page.getByRole('radio', { name: 'Suite' }).check();
    await page.getByRole('combobox', { name: 'Suite', exact: true }).selectOption('Shop in git');
    await page.getByLabel('Bundle', { exact: true }).selectOption('From git, with each start');
    await page.getByRole('button', { name: 'Create job' }).click();
    const runs = page.getByRole('region', { name: 'What it runs' });
    await expect(runs).toContainText('The newest commit of main, fetched from git with each start');
  });
});
