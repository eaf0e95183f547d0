import { randomUUID } from 'node:crypto';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';
import { beginReport } from './report-suite.ts';

test('a reported run is live with its shards, says which is silent, and is cancelled by name', async ({
  page,
  app,
  request,
}) => {
  const suite = 'Sharded shop';
  const build = randomUUID();
  const shard = (current: number) => ({
    suite,
    build,
    shard: { current, total: 3 },
    executor: `gh-runner-${current}`,
    pullRequest: 'https://github.com/acme/shop/pull/1204',
  });
  const one = await beginReport(request, app.url, shard(1));
  const two = await beginReport(request, app.url, shard(2));
  expect(two.runId).toBe(one.runId);
  await one.list('adds to the cart', 'pays by card');
  await two.list('sends a receipt');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/runs/${one.runId}`);
  const origin = page.getByRole('list', { name: 'Where the run comes from' });
  await expect(origin).toContainText('main');
  await expect(origin).toContainText('0123456');
  await expect(origin).toContainText('Grace');
  await expect(origin.getByRole('link', { name: '#1204' })).toHaveAttribute('href', /pull\/1204$/);
  await expect(origin.getByRole('link', { name: 'GitHub Actions' })).toHaveAttribute('href', /actions\/runs\/77$/);
  const lanes = page.getByRole('region', { name: 'Shards' }).getByRole('listitem');
  await expect(lanes).toHaveCount(3);
  await expect(lanes.nth(1)).toContainText('gh-runner-2');
  const notes = page.getByRole('list', { name: 'Shards that need a look' });
  await expect(notes).toHaveText(/^\s*Waiting for shard 3 of 3$/);
  await one.start(0);
  await one.pass(0);
  await one.fail(1);
  await expect(page.getByText('2 of 3 done, 1 failed')).toBeVisible();

  // The file and line of a suite's case stand at its name, its error and its steps.
  await page
    .getByRole('tree', { name: 'Tests' })
    .getByRole('treeitem', { name: /pays by card/ })
    .first()
    .click();
  await expect(page.getByText('shop/pay.spec.ts:13 › Checkout')).toBeVisible();
  await expect(page.getByText('shop/pay.spec.ts:15:7')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Steps' }).getByText('pay.spec.ts:15', { exact: true })).toBeVisible();
  expect(await findings(page)).toEqual([]);

  // The first shard lives on; nothing is heard of the second one.
  const silence = notes.getByText(/^Shard 2 \(gh-runner-2\) has been silent since /);
  await expect(async () => {
    await one.beat();
    await expect(silence).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 100_000 });
  await expect(lanes.nth(1)).toContainText('Silent since');
  await expect(lanes.nth(0)).not.toContainText('Silent');
  expect(await findings(page)).toEqual([]);
  await two.beat();
  await expect(silence).toBeHidden();

  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click();
  await expect(page.getByText('Cancelling…: asked by Access token')).toBeVisible();
  await one.finish('interrupted');
  await two.finish('interrupted');
  await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('Cancelled by Access token')).toBeVisible();
  expect(await findings(page)).toEqual([]);
});

test('a reported run says how to run it again, and is linked to the other attempts of its build', async ({
  page,
  app,
  request,
}) => {
  const build = randomUUID();
  const reported = { suite: 'Run twice', build };
  const first = await beginReport(request, app.url, reported);
  await first.list('adds to the cart', 'pays by card');
  await first.pass(0);
  await first.fail(1);
  await first.finish('failed');
  await page.goto(`/runs/${first.runId}`);
  await page.getByRole('button', { name: 'Retry…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Run it again' });
  await expect(dialog).toContainText('npx playwright test shop/pay.spec.ts:13 --project=chromium');
  await expect(dialog.getByRole('link', { name: 'Open the build' })).toHaveAttribute('href', /actions\/runs\/77$/);
  expect(await findings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).click();

  const second = await beginReport(request, app.url, reported);
  expect(second.runId).not.toBe(first.runId);
  await second.list('adds to the cart', 'pays by card');
  await second.pass(0);
  await second.pass(1);
  await second.finish('passed');
  await page.goto(`/runs/${second.runId}`);
  await expect(page.getByRole('link', { name: 'Retry of an earlier run' })).toBeVisible();
  await expect(page.getByText('1 fixed since the previous run of main')).toBeVisible();
  await page.getByRole('link', { name: 'Attempt 1: Failed' }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${first.runId}`));

  await page.setViewportSize({ width: 390, height: 844 });
  for (const address of [`/runs/${second.runId}`, '/suites', '/suites/watch?ci=github']) {
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText(/^Loading/)).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  }
});
