import type { Page } from '@playwright/test';
import { script } from './api.ts';
import { expect, test as appTest } from './app-test.ts';
import { startFlakyProxy, type FlakyProxy } from './flaky-proxy.ts';
import type { RunningProcess } from './running-app.ts';
import { quick, ticker, tickerLines } from './scripts.ts';
import { toastCount } from './toasts.ts';

/** With a proxy in front of the app, and with a second API process. */
const test = appTest.extend<{ gateway: FlakyProxy; api: RunningProcess }>({
  tolerated: /^Failed to load resource|net::ERR_/,
  gateway: async ({ app }, use) => {
    await using proxy = await startFlakyProxy(app.url);
    await use(proxy);
  },
  api: async ({ app }, use) => {
    await using api = await app.startApi();
    await use(api);
  },
});

const connection = (page: Page) => page.getByRole('status', { name: 'Connection' });
const output = (page: Page) => page.getByRole('log', { name: 'Output of the test' });
const shownTicks = async (page: Page) => (await output(page).innerText()).match(/tick \d+\./g);

test('a proxy that answers 502 for a while does not stop the page', async ({ page, runScript, gate, gateway }) => {
  const { runId } = await runScript('Ticks through an outage', ticker(gate));
  await page.goto(`${gateway.url}/runs/${runId}`);
  await expect(output(page)).toContainText('tick 3.');
  await expect(connection(page)).toHaveText('Live');
  // Leaving the run closes its stream. Coming back resumes it.
  await page.getByRole('link', { name: 'Tests', exact: true }).click();
  await expect.poll(() => gateway.openStreams()).toBe(1);
  const resumption = page.waitForRequest((request) => request.url().includes('runs.onEvents'));
  await page.goBack();
  expect(new URL((await resumption).url()).searchParams.get('lastEventId')).toMatch(/^\d+$/);
  await expect.poll(() => gateway.openStreams()).toBe(3);

  gateway.become('bad-gateway');
  await expect(connection(page)).toHaveText('Reconnecting');
  await expect(page.getByRole('alert')).toContainText('Live updates are interrupted');
  // A native EventSource gives up after the first.
  await expect.poll(() => gateway.refusedStreams()).toBeGreaterThan(5);
  await expect(output(page)).toContainText('tick 3.');
  await expect(page.getByText('Running', { exact: true }).first()).toBeVisible();

  gate.open();
  gateway.become('pass');
  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(page.getByText('Passed', { exact: true }).first()).toBeVisible();
  await expect.poll(() => shownTicks(page)).toEqual(tickerLines);
  await expect.poll(() => gateway.openStreams()).toBe(1);
});

test('a restarted API process loses no output of a run, and its end is announced once', async ({
  page,
  runScript,
  gate,
  api,
}) => {
  const { runId } = await runScript('Outlives the server', ticker(gate));
  await page.goto(api.entrance);
  await page.goto(`${api.url}/runs/${runId}`);
  await expect(output(page)).toContainText('tick 3.');

  await api.kill();
  await expect(connection(page)).toHaveText('Reconnecting');
  await expect(output(page)).toContainText('tick 3.');
  await expect(page.getByText('Running', { exact: true }).first()).toBeVisible();
  gate.open();
  await api.start();

  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByText('Passed', { exact: true }).first()).toBeVisible();
  await expect.poll(() => toastCount(page, 'Outlives the server: passed')).toBe(1);
  await expect.poll(() => shownTicks(page)).toEqual(tickerLines);
});

test('unsaved input survives an outage and is saved after it', async ({ page, gateway }) => {
  await page.goto(`${gateway.url}/tests/new`);
  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByRole('textbox', { name: 'Script' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('Half a thought');
  gateway.become('bad-gateway');
  await expect(connection(page)).toHaveText('Reconnecting');
  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByRole('alert').filter({ hasText: 'did not answer' })).toBeVisible();

  gateway.become('pass');
  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Half a thought');
  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByRole('heading', { name: 'Half a thought', level: 1 })).toBeVisible();
});

test('the page follows a killed server again after its restart, and shows the end of the run that was lost', async ({
  page,
  runScript,
  gate,
  app,
}) => {
  const { runId } = await runScript('Is lost', ticker(gate));
  await page.goto(`/runs/${runId}`);
  await expect(output(page)).toContainText('tick 3.');

  await app.kill();
  await expect(connection(page)).toHaveText('Reconnecting');
  await expect(output(page)).toContainText('tick 3.');
  await app.start();

  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByText('Error', { exact: true }).first()).toBeVisible();
  expect(await shownTicks(page)).toEqual(tickerLines.slice(0, 3));
});

test('a browser that was offline catches up when it is online again', async ({ page, runScript, gateway, context }) => {
  await page.goto(`${gateway.url}/runs`);
  await expect(connection(page)).toHaveText('Live');

  await context.setOffline(true);
  // Chromium only refuses new connections. A lost network also breaks the open ones.
  gateway.become('pass');
  await expect(connection(page)).toHaveText('Offline');
  const { runId } = await runScript('Ends while the browser is offline', quick);

  await context.setOffline(false);
  await expect(connection(page)).toHaveText('Live');
  const run = page.getByRole('table', { name: 'Runs' }).locator(`tr:has(a[href="/runs/${runId}"])`);
  await expect(run.getByText('Passed', { exact: true })).toBeVisible();
});

test('a page that gets no stream through polls instead', async ({ page, call, gateway }) => {
  const { id: testId } = await call('tests.create', {
    name: 'Says hello',
    script: script(`test('greets', () => console.log('hello'));`),
  });
  gateway.become('no-streams');
  await page.clock.install();
  await page.goto(`${gateway.url}/tests/${testId}`);
  await expect.poll(() => gateway.refusedStreams()).toBeGreaterThan(0);
  // Half a minute of failures. The page may take a jump of the clock for sleep of the machine.
  await expect(async () => {
    await page.clock.fastForward(20_000);
    await expect(connection(page)).toHaveText('Polling', { timeout: 500 });
  }).toPass();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(async () => {
    await page.clock.fastForward(5_000);
    await expect(
      page.getByRole('region', { name: 'Last run' }).getByText('Passed', { exact: true }).first(),
    ).toBeVisible({
      timeout: 500,
    });
  }).toPass();

  gateway.become('pass');
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect(connection(page)).toHaveText('Live');
  await expect(output(page)).toContainText('hello');
});
