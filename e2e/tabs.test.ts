import type { Page } from '@playwright/test';
import { expect, test as appTest } from './app-test.ts';
import { startFlakyProxy, type FlakyProxy } from './flaky-proxy.ts';
import { ticker } from './scripts.ts';

/** Behind a proxy that counts what streams there are: HTTP/1.1, of which a browser makes six connections. */
const test = appTest.extend<{ gateway: FlakyProxy }>({
  gateway: async ({ app, context }, use) => {
    await using proxy = await startFlakyProxy(app.url);
    await context.request.get(app.entrance.replace(app.url, proxy.url));
    await use(proxy);
    // Before the proxy cuts their connections, of which they would complain.
    for (const page of context.pages()) await page.close();
  },
});

const connection = (page: Page) => page.getByRole('status', { name: 'Connection' });
const rowOf = (page: Page, runId: string) => page.locator(`tr:has(a[href="/runs/${runId}"])`);

test('eight tabs share one stream of runs, and exactly one announces the end of a run', async ({
  context,
  call,
  gateway,
}) => {
  const { id: testId } = await call('tests.create', { name: 'Seen in eight tabs', script: ticker(10) });
  const pages = await Promise.all(Array.from({ length: 8 }, () => context.newPage()));
  await Promise.all(pages.map((page) => page.goto(`${gateway.url}/runs`)));
  for (const page of pages) await expect(connection(page)).toHaveText('Live');
  await expect.poll(() => gateway.openStreams()).toBe(1);

  const { runId } = await call('tests.run', { testId });
  await Promise.all(
    pages.map((page) => expect(rowOf(page, runId).getByText('Running', { exact: true }).first()).toBeVisible()),
  );
  // The first tab leads. The others go on without it.
  await pages.shift()!.close();
  await Promise.all(
    pages.map((page) => expect(rowOf(page, runId).getByText('Passed', { exact: true }).first()).toBeVisible()),
  );
  await expect.poll(() => gateway.openStreams()).toBe(1);
  for (const page of pages) await expect(connection(page)).toHaveText('Live');

  const toast = (page: Page) => page.getByText('Seen in eight tabs: passed', { exact: true });
  await expect
    .poll(async () => (await Promise.all(pages.map((page) => toast(page).count()))).sort())
    .toEqual([0, 0, 0, 0, 0, 0, 1]);
});

test('eight tabs that show a run each stay live, and leave connections for other requests', async ({
  context,
  call,
  gateway,
}) => {
  const { id: testId } = await call('tests.create', { name: 'Open in a tab', script: ticker(1_000) });
  const runs = await Promise.all(Array.from({ length: 8 }, () => call('tests.run', { testId })));
  const pages = await Promise.all(runs.map(() => context.newPage()));
  await Promise.all(pages.map((page, index) => page.goto(`${gateway.url}/runs/${runs[index]!.runId}`)));
  const title = (page: Page) => page.getByRole('heading', { name: 'Open in a tab', level: 1 });
  for (const page of pages) await expect(title(page)).toBeVisible();
  // Five run at once; the others wait.
  const withOutput = async () => {
    const counts = await Promise.all(pages.map((page) => page.getByText(/^tick \d+\.$/).count()));
    return counts.filter((count) => count > 0).length;
  };
  await expect.poll(withOutput, { timeout: 40_000 }).toBe(5);
  // While a stream hands its connection on, a proxy may see the next one begin before it sees the last one end.
  await expect.poll(() => gateway.openStreams()).toBeLessThanOrEqual(4);

  const [first] = pages as [Page];
  await first.getByRole('link', { name: 'Workers', exact: true }).click();
  await expect(first.getByRole('table', { name: 'Workers' })).toBeVisible();
  for (const { runId } of runs) await call('runs.cancel', { runId });
  for (const page of pages.slice(1)) await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible();
});

test('a hidden tab closes the stream of its run, and catches up when it is shown again', async ({
  page,
  call,
  gateway,
}) => {
  const { id: testId } = await call('tests.create', { name: 'Not looked at', script: ticker(40) });
  const { runId } = await call('tests.run', { testId });
  await page.clock.install();
  await page.goto(`${gateway.url}/runs/${runId}`);
  const output = page.getByRole('log', { name: 'Output of the run' });
  await expect(output).toContainText('tick 3.', { timeout: 30_000 });
  await expect.poll(() => gateway.openStreams()).toBe(2);

  await setHidden(page, true);
  await page.clock.fastForward(15_000);
  // That of the runs stays: it keeps the tab's title and icon right.
  await expect.poll(() => gateway.openStreams()).toBe(1);
  await expect(page).toHaveTitle('Passed: Not looked at · Runlight', { timeout: 30_000 });
  await expect(output).not.toContainText('tick 40.');

  const resumption = page.waitForRequest((request) => request.url().includes('runs.onEvents'));
  await setHidden(page, false);
  expect(new URL((await resumption).url()).searchParams.get('lastEventId')).toMatch(/^\d+$/);
  await expect(output).toContainText('tick 40.');
  const ticks = (await output.innerText()).match(/tick \d+\./g);
  expect(ticks).toEqual(Array.from({ length: 40 }, (_, index) => `tick ${index + 1}.`));
  await expect(page.getByText('Not looked at: passed', { exact: true })).toHaveCount(1);
});

/** Headless Chromium shows every page; this one is told that it is not. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (isHidden ? 'hidden' : 'visible'),
    });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
