import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';

/** What `runlight push` would send of a suite whose lock file lacks a package. */
async function bundle() {
  const tar = pack();
  const files = {
    'package-lock.json': { name: 'shop', lockfileVersion: 3, packages: { '': { name: 'shop' } } },
    'package.json': { name: 'shop', dependencies: { fixtures: 'file:fixtures' } },
    'fixtures/package.json': { name: 'fixtures', version: '1.0.0' },
    'playwright.config.ts': {},
  };
  for (const [name, content] of Object.entries(files))
    tar.entry({ name, mode: 0o644, mtime: new Date(0) }, JSON.stringify(content));
  tar.finalize();
  const bytes = await buffer(tar);
  return { hash: createHash('sha256').update(bytes).digest('hex'), data: gzipSync(bytes) };
}

test('a suite that was pushed is run with options, and a run that cannot begin says why', async ({
  page,
  call,
  request,
}) => {
  const { hash, data } = await bundle();
  expect((await request.put(`/api/bundles/${hash}`, { data })).ok()).toBe(true);
  const pushed = await call('suites.push', {
    suite: 'Bundled shop',
    hash,
    dir: '',
    config: 'playwright.config.ts',
    packageManager: 'npm',
    lockFile: 'package-lock.json',
    branch: 'main',
    commitSha: 'a1b2c3d4e5',
    commitMessage: 'feat: pay by card',
  });
  const { suiteId } = pushed as unknown as { suiteId: string };
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

test('a suite without a bundle says how one is pushed', async ({ page, call, request }) => {
  const { hash, data } = await bundle();
  await request.put(`/api/bundles/${hash}`, { data });
  const input = { suite: 'Pushed and gone', hash, dir: '', config: 'playwright.config.ts', packageManager: 'npm' };
  const pushed = await call('suites.push', { ...input, lockFile: 'package-lock.json' });
  const { suiteId } = pushed as unknown as { suiteId: string };
  await page.goto(`/suites/${suiteId}?tab=bundles`);
  await page.getByRole('button', { name: /^Delete bundle/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('npx runlight push --suite "Pushed and gone"')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeHidden();
});
