import type { Page } from '@playwright/test';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';
import { playLargeRun } from './large-runs.ts';
import { script } from './api.ts';

const tree = (page: Page) => page.getByRole('tree', { name: 'Tests' });
const heading = (page: Page) => page.getByRole('heading', { level: 2 });
/** How many px the page is longer than the window. */
const excess = (page: Page) => page.evaluate(() => document.documentElement.scrollHeight - innerHeight);

test('a finished run of 3,000 cases is filtered, searched and grouped, keys go from failure to failure, and a link leads to what is seen', async ({
  page,
  app,
  call,
}) => {
  test.setTimeout(600_000);
  const { id } = await call('tests.create', { name: 'Whole suite', script: script(`test('a', () => {});`) });
  const { runId } = await playLargeRun(app, id);
  await page.setViewportSize({ width: 1440, height: 900 });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(`/runs/${runId}`);
  await expect(page.getByText(/^\d+ of 3,000 failed$/)).toBeVisible();
  await expect(tree(page).getByRole('treeitem').first()).toBeVisible();
  // The document has the rows on screen alone, and opening the run reads neither log nor steps.
  expect(await tree(page).getByRole('treeitem').count()).toBeLessThan(120);
  expect(requests.filter((url) => /runs\.(log|onEvents|steps)/.test(url))).toEqual([]);
  expect(await excess(page)).toBe(0);
  expect(await findings(page)).toEqual([]);

  const failed = page.getByRole('button', { name: /^\d+ failed$/ });
  const count = Number((await failed.innerText()).split(' ')[0]);
  await failed.click();
  await expect(page).toHaveURL(/filter=failed/);
  await expect(page.getByText(`${count} of 3,000 shown`)).toBeVisible();
  await page.getByLabel('Group tests').selectOption('error');
  await expect(page).toHaveURL(/group=error/);
  await expect(
    tree(page)
      .getByRole('treeitem', { name: /^Error: / })
      .first(),
  ).toBeVisible();
  await page.getByLabel('Group tests').selectOption('file');

  await page.keyboard.press('Escape');
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('f');
  await expect(page).toHaveURL(/case=\d+/);
  const first = await heading(page).innerText();
  await page.keyboard.press('f');
  await expect(heading(page)).not.toHaveText(first);
  const second = await heading(page).innerText();
  await expect(page.getByRole('button', { name: /Attempt 2/ })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: /Attempt 1/ }).click();
  await expect(page).toHaveURL(/attempt=1/);
  await expect(page.getByRole('region', { name: 'Steps' }).getByText('Pay the basket')).toBeVisible();
  await expect(page.getByRole('log', { name: 'Output of the test' })).toContainText('placed');
  expect(await findings(page)).toEqual([]);
  await page.reload();
  await expect(heading(page)).toHaveText(second);
  await expect(page.getByRole('button', { name: /Attempt 1/ })).toHaveAttribute('aria-pressed', 'true');
  await expect(tree(page).getByRole('treeitem', { selected: true })).toBeInViewport();

  await page.getByRole('button', { name: 'Close the test' }).click();
  await page.getByRole('button', { name: /^\d+ failed$/ }).click();
  const search = page.getByRole('searchbox', { name: 'Search tests' });
  await search.fill('shard:2 @smoke');
  await expect(page.getByText(/^\d+ of 3,000 shown$/)).toBeVisible();
  await search.fill('no such test');
  await expect(tree(page)).toContainText('No test matches.');
  // What means nothing is dropped.
  await page.goto(`/runs/${runId}?case=9999&attempt=7&filter=green&group=x`);
  await expect(page).toHaveURL(new RegExp(`/runs/${runId}$`));
  await expect(page.getByText('This run has no test 10000: it has 3,000 tests.')).toBeVisible();
  // The file of a case that passed is folded at first.
  await page.goto(`/runs/${runId}?case=2990`);
  await expect(tree(page).getByRole('treeitem', { selected: true })).toBeInViewport();

  // The log opens at its end; what was before comes as the reader goes there.
  await page.goto(`/runs/${runId}?tab=log`);
  const log = page.getByRole('log', { name: 'Output of the run' });
  await expect(log.getByText(/^order \d+ placed$/).last()).toBeInViewport();
  const loaded = async () => Number.parseInt((await page.getByText(/lines loaded$/).innerText()).replace(',', ''), 10);
  const atFirst = await loaded();
  expect(atFirst).toBeLessThan(500);
  await log.press('Home');
  await expect.poll(loaded).toBeGreaterThan(atFirst);
  expect(await findings(page)).toEqual([]);

  for (const tab of ['Log', 'Timeline', 'Compare', 'Artifacts', 'Errors']) {
    await page.getByRole('navigation', { name: 'Parts of the run' }).getByRole('link', { name: tab }).click();
    await expect(page.getByText(/^Loading/)).toHaveCount(0);
    expect(await excess(page), tab).toBe(0);
  }
  expect(requests.filter((url) => url.includes('runs.log')).length).toBeLessThan(10);

  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/runs/${runId}?filter=failed`);
  await tree(page)
    .getByRole('treeitem', { name: /^Failed: / })
    .first()
    .click();
  await expect(heading(page)).toBeVisible();
  await expect(tree(page)).toBeHidden();
  await page.goBack();
  await expect(tree(page)).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('a live run of 3,000 cases grows before the eyes, and nothing moves under the pointer', async ({
  page,
  app,
  call,
}) => {
  test.setTimeout(600_000);
  const { id } = await call('tests.create', { name: 'Whole suite, live', script: script(`test('a', () => {});`) });
  const { runId, stop } = await playLargeRun(app, id, { liveFrom: 0.3 });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/runs/${runId}`);
  const done = async () =>
    Number(await page.getByRole('progressbar', { name: 'Tests finished' }).getAttribute('aria-valuenow'));
  await expect.poll(done).toBeGreaterThan(100);
  const before = await done();
  await expect.poll(done).toBeGreaterThan(before + 20);
  await expect(
    tree(page)
      .getByRole('treeitem', { name: /^Running/ })
      .first(),
  ).toBeVisible();
  await expect(page.getByRole('region', { name: 'Shards' }).getByRole('listitem')).toHaveCount(4);
  expect(await excess(page)).toBe(0);

  await tree(page).hover({ position: { x: 100, y: 200 } });
  const rows = () =>
    tree(page)
      .getByRole('treeitem')
      .evaluateAll((all) => all.map((row) => row.getAttribute('href')));
  const shown = await rows();
  await expect.poll(done).toBeGreaterThan(before + 60);
  expect(await rows()).toEqual(shown);
  await expect(page.getByRole('button', { name: /^\d+ new failures?$/ })).toBeVisible();
  await page.getByRole('button', { name: /^\d+ new failures?$/ }).click();
  await expect.poll(rows).not.toEqual(shown);
  stop();
});
