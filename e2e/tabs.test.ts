import type { Page } from '@playwright/test';
import { script } from './api.ts';
import { expect, test as appTest } from './app-test.ts';
import { startFlakyProxy, type FlakyProxy } from './flaky-proxy.ts';
import { ticker, tickerLines } from './scripts.ts';
import { toastCount } from './toasts.ts';

/** Behind a proxy that counts streams. It speaks HTTP/1.1, for which a browser opens six connections. */
const test = appTest.extend<{ gateway: FlakyProxy }>({
  gateway: async ({ app, context }, use) => {
    await using proxy = await startFlakyProxy(app.url);
    await context.request.get(app.entrance.replace(app.url, proxy.url));
    await use(proxy);
    // Pages would log an error when the proxy cuts their connections.
    for (const page of context.pages()) await page.close();
  },
});

const connection = (page: Page) => page.getByRole('status', { name: 'Connection' });
const rowOf = (page: Page, runId: string) => page.locator(`tr:has(a[href="/runs/${runId}"])`);

test('eight tabs share one stream of runs, and exactly one announces the end of a run', async ({
  context,
  runScript,
  gate,
  gateway,
}) => {
  const pages = await Promise.all(Array.from({ length: 8 }, () => context.newPage()));
  await Promise.all(pages.map((page) => page.goto(`${gateway.url}/runs`)));
  for (const page of pages) await expect(connection(page)).toHaveText('Live');
  await expect.poll(() => gateway.openStreams()).toBe(1);

  const { runId } = await runScript('Seen in eight tabs', ticker(gate));
  await Promise.all(
    pages.map((page) => expect(rowOf(page, runId).getByText('Running', { exact: true }).first()).toBeVisible()),
  );
  // The first tab leads. The others go on without it.
  await pages.shift()!.close();
  gate.open();
  await Promise.all(
    pages.map((page) => expect(rowOf(page, runId).getByText('Passed', { exact: true }).first()).toBeVisible()),
  );
  await expect.poll(() => gateway.openStreams()).toBe(1);
  for (const page of pages) await expect(connection(page)).toHaveText('Live');

  const toasts = () => Promise.all(pages.map((page) => toastCount(page, 'Seen in eight tabs: passed')));
  await expect.poll(async () => (await toasts()).sort()).toEqual([0, 0, 0, 0, 0, 0, 1]);
});

test('eight tabs that show a run each stay live, and leave connections for other requests', async ({
  context,
  call,
  gate,
  gateway,
}) => {
  const { id: testId } = await call('tests.create', { name: 'Open in a tab', script: script(ticker(gate)) });
  const runs = await Promise.all(Array.from({ length: 8 }, () => call('tests.run', { testId })));
  const pages = await Promise.all(runs.map(() => context.newPage()));
  await Promise.all(pages.map((page, index) => page.goto(`${gateway.url}/runs/${runs[index]!.runId}`)));
  const title = (page: Page) => page.getByRole('heading', { name: 'Open in a tab', level: 1 });
  for (const page of pages) await expect(title(page)).toBeVisible();
  // Five run at a time. The others wait.
  const withOutput = async () => {
    const counts = await Promise.all(pages.map((page) => page.getByText(/^tick \d+\.$/).count()));
    return counts.filter((count) => count > 0).length;
  };
  await expect.poll(withOutput).toBe(5);
  // When streams take turns, the proxy may see the next one begin before it sees the last one end.
  await expect.poll(() => gateway.openStreams()).toBeLessThanOrEqual(4);

  const [first] = pages as [Page];
  await first.getByRole('link', { name: 'Workers', exact: true }).click();
  await expect(first.getByRole('table', { name: 'Workers' })).toBeVisible();
  for (const { runId } of runs) await call('runs.cancel', { runId });
  for (const page of pages.slice(1)) await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible();
});

test('a hidden tab closes the stream of its run, and catches up when it is shown again', async ({
  page,
  runScript,
  gate,
  gateway,
}) => {
  const { runId } = await runScript('Not looked at', ticker(gate));
  await page.clock.install();
  await page.goto(`${gateway.url}/runs/${runId}`);
  const output = page.getByRole('log', { name: 'Output of the run' });
  await expect(output).toContainText('tick 3.');
  await expect.poll(() => gateway.openStreams()).toBe(2);

  await setHidden(page, true);
  await page.clock.fastForward(15_000);
  // The stream of all runs stays: it keeps the tab's title and icon right.
  await expect.poll(() => gateway.openStreams()).toBe(1);
  gate.open();
  await expect(page).toHaveTitle('Passed: Not looked at · Runlight');
  await expect(output).not.toContainText(tickerLines.at(-1)!);

  const resumption = page.waitForRequest((request) => request.url().includes('runs.onEvents'));
  await setHidden(page, false);
  expect(new URL((await resumption).url()).searchParams.get('lastEventId')).toMatch(/^\d+$/);
  await expect(output).toContainText(tickerLines.at(-1)!);
  expect((await output.innerText()).match(/tick \d+\./g)).toEqual(tickerLines);
  await expect.poll(() => toastCount(page, 'Not looked at: passed')).toBe(1);
});

/** Headless Chromium shows every page, so this overrides what the page sees. */
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
