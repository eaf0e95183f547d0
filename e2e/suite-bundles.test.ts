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
