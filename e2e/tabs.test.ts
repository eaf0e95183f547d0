import type { Page } from '@playwright/test';
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

test('tabs share one stream of runs and one notice of the end of a run, which another person gets, too', async ({
  context,
  runScript,
  gate,
  gateway,
  newBrowser,
}) => {
  const tabs = await Promise.all([1, 2, 3].map(() => context.newPage()));
  await Promise.all(tabs.map((page) => page.goto(`${gateway.url}/runs`)));
  for (const page of tabs) await expect(connection(page)).toHaveText('Live');
  await expect.poll(() => gateway.openStreams()).toBe(1);

  const { runId } = await runScript('Seen by two', ticker(gate));
  const other = await (await newBrowser()).newPage();
  await other.goto(`/runs/${runId}`);
  await expect(other.getByText('Running', { exact: true }).first()).toBeVisible();
  for (const page of tabs) await expect(rowOf(page, runId).getByText('Running', { exact: true }).first()).toBeVisible();
  // The first tab leads. The others go on without it.
  await tabs.shift()!.close();
  gate.open();
  for (const page of tabs) {
    await expect(rowOf(page, runId).getByText('Passed', { exact: true }).first()).toBeVisible();
    await expect(connection(page)).toHaveText('Live');
  }
  await expect.poll(() => gateway.openStreams()).toBe(1);
  const toasts = () => Promise.all(tabs.map((page) => toastCount(page, 'Seen by two: passed')));
  await expect.poll(async () => (await toasts()).sort()).toEqual([0, 1]);

  await expect(other.getByRole('log', { name: 'Output of the test' })).toContainText(tickerLines.at(-1)!);
  await expect(other.getByText('Passed', { exact: true }).first()).toBeVisible();
  await expect.poll(() => toastCount(other, 'Seen by two: passed')).toBe(1);
  // A page that is opened later gets no notice.
  const late = await (await newBrowser()).newPage();
  await late.goto('/runs');
  await expect(late.getByRole('link', { name: 'Seen by two' })).toBeVisible();
  expect(await toastCount(late, 'Seen by two: passed')).toBe(0);
});

test('eight tabs that show a run each stay live and leave connections for other requests, and the queue is shown live', async ({
  context,
  call,
  runScript,
  gate,
  gateway,
}) => {
  const runs: { runId: string }[] = [];
  for (let index = 1; index <= 8; index += 1) runs.push(await runScript(`Open in tab ${index}`, ticker(gate)));
  const pages = await Promise.all(runs.map(() => context.newPage()));
  await Promise.all(pages.map((page, index) => page.goto(`${gateway.url}/runs/${runs[index]!.runId}`)));
  for (const [index, page] of pages.entries())
    await expect(page.getByRole('heading', { name: `Open in tab ${index + 1}`, level: 1 })).toBeVisible();
  // Five run at a time. The others wait.
  const withOutput = async () => {
    const counts = await Promise.all(pages.map((page) => page.getByText(/^tick \d+\.$/).count()));
    return counts.filter((count) => count > 0).length;
  };
  await expect.poll(withOutput).toBe(5);
  // When streams take turns, the proxy may see the next one begin before it sees the last one end.
  await expect.poll(() => gateway.openStreams()).toBeLessThanOrEqual(4);

  const [first, ...others] = pages as [Page, ...Page[]];
  await first.getByRole('link', { name: 'Workers', exact: true }).click();
  const workers = first.getByRole('table', { name: 'Workers' });
  await expect(workers.getByRole('link', { name: 'Open in tab 5' })).toHaveAttribute('href', `/runs/${runs[4]!.runId}`);
  await first.getByRole('button', { name: 'Running 5/5 Queued 3/50' }).click();
  const queue = first.getByRole('dialog', { name: 'Queue' });
  await expect(queue.getByRole('region', { name: 'Running' }).getByRole('link')).toHaveCount(5);
  const waiting = queue.getByRole('region', { name: 'Waiting' }).getByRole('listitem');
  await expect(waiting).toContainText([
    /Position 1\s*Open in tab 6/,
    /Position 2\s*Open in tab 7/,
    /Position 3\s*Open/,
  ]);
  await call('runs.cancel', { runId: runs[5]!.runId });
  await expect(waiting).toContainText([/Position 1\s*Open in tab 7/, /Position 2\s*Open in tab 8/]);
  await queue.getByRole('link', { name: 'Open in tab 8' }).click();
  await expect(queue).toBeHidden();
  await expect(first.getByRole('heading', { name: 'Open in tab 8', level: 1 })).toBeVisible();

  for (const [index, { runId }] of runs.entries()) if (index !== 5) await call('runs.cancel', { runId });
  for (const page of others) await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible();
  await first.getByRole('link', { name: 'Workers', exact: true }).click();
  await expect(workers.getByText('Idle')).toBeVisible();
  await expect(workers.getByRole('link')).toHaveCount(0);
  await first.getByRole('button', { name: 'Running 0/5 Queued 0/50' }).click();
  await expect(queue.getByText('Nothing is waiting.')).toBeVisible();
  await first.keyboard.press('Escape');
  await expect(queue).toBeHidden();
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
  const output = page.getByRole('log', { name: 'Output of the test' });
  await expect(output).toContainText('tick 3.');
  await expect.poll(() => gateway.openStreams()).toBe(3);

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
