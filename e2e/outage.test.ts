import type { Page } from '@playwright/test';
import { expect, test as appTest } from './app-test.ts';
import { startFlakyProxy, type FlakyProxy } from './flaky-proxy.ts';
import type { RunningProcess } from './running-app.ts';
import { ticker } from './scripts.ts';

/** With a proxy in front of the app, and with another process of it. */
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

const ticks = (count: number) => Array.from({ length: count }, (_, index) => `tick ${index + 1}.`);
const connection = (page: Page) => page.getByRole('status', { name: 'Connection' });
const output = (page: Page) => page.getByRole('log', { name: 'Output of the run' });
const shownTicks = async (page: Page) => (await output(page).innerText()).match(/tick \d+\./g);

test('a proxy that answers 502 for a while does not stop the page', async ({ page, call, gateway }) => {
  const { id: testId } = await call('tests.create', { name: 'Ticks 30 times', script: ticker(30) });
  const { runId } = await call('tests.run', { testId });
  await page.goto(`${gateway.url}/runs/${runId}`);
  await expect(output(page)).toContainText('tick 3.', { timeout: 30_000 });
  await expect(connection(page)).toHaveText('Live');
  // Leaving the run ends its stream; coming back goes on where it was.
  await page.getByRole('link', { name: 'Tests', exact: true }).click();
  await expect.poll(() => gateway.openStreams()).toBe(1);
  const resumption = page.waitForRequest((request) => request.url().includes('runs.onEvents'));
  await page.goBack();
  expect(new URL((await resumption).url()).searchParams.get('lastEventId')).toMatch(/^\d+$/);
  await expect.poll(() => gateway.openStreams()).toBe(2);

  gateway.become('bad-gateway');
  await expect(connection(page)).toHaveText('Reconnecting');
  await expect(page.getByRole('alert')).toContainText('Live updates are interrupted');
  // A native EventSource would have given up at the first of them.
  await expect.poll(() => gateway.refusedStreams()).toBeGreaterThan(5);
  await expect(output(page)).toContainText('tick 3.');
  await expect(page.getByText('Running', { exact: true }).first()).toBeVisible();
  await test.info().attach('reconnecting', { body: await page.screenshot(), contentType: 'image/png' });

  gateway.become('pass');
  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(page.getByText('Passed', { exact: true }).first()).toBeVisible();
  expect(await shownTicks(page)).toEqual(ticks(30));
  await expect.poll(() => gateway.openStreams()).toBe(1);
});

test('a restarted API process loses no output of a run, and its end is announced once', async ({ page, call, api }) => {
  const { id: testId } = await call('tests.create', { name: 'Outlives the server', script: ticker(40) });
  const { runId } = await call('tests.run', { testId });
  await page.goto(api.entrance);
  await page.goto(`${api.url}/runs/${runId}`);
  await expect(output(page)).toContainText('tick 3.', { timeout: 30_000 });

  await api.kill();
  await expect(connection(page)).toHaveText('Reconnecting');
  await expect(output(page)).toContainText('tick 3.');
  await expect(page.getByText('Running', { exact: true }).first()).toBeVisible();
  await api.start();

  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByText('Outlives the server: passed', { exact: true })).toHaveCount(1, { timeout: 30_000 });
  await expect(page.getByText('Passed', { exact: true }).first()).toBeVisible();
  expect(await shownTicks(page)).toEqual(ticks(40));
});

test('unsaved input survives an outage and is saved after it', async ({ page, gateway }) => {
  await page.goto(`${gateway.url}/tests/new`);
  await expect(connection(page)).toHaveText('Live');
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
  call,
  app,
}) => {
  const { id: testId } = await call('tests.create', { name: 'Ticks 1000 times', script: ticker(1_000) });
  const { runId } = await call('tests.run', { testId });
  await page.goto(`/runs/${runId}`);
  await expect(output(page)).toContainText('tick 3.', { timeout: 30_000 });

  await app.kill();
  await expect(connection(page)).toHaveText('Reconnecting');
  await expect(output(page)).toContainText('tick 3.');
  await app.start();

  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByText('Error', { exact: true }).first()).toBeVisible();
  const shown = await shownTicks(page);
  expect(shown).toEqual(ticks(shown?.length ?? 0));
});

test('a browser that was offline catches up when it is online again', async ({ page, call, gateway, context }) => {
  const { id: testId } = await call('tests.create', { name: 'Ticks once', script: ticker(1) });
  await page.goto(`${gateway.url}/runs`);
  await expect(connection(page)).toHaveText('Live');

  await context.setOffline(true);
  // Chromium then refuses new connections; a lost network breaks those that there are.
  gateway.become('pass');
  await expect(connection(page)).toHaveText('Offline');
  const { runId } = await call('tests.run', { testId });

  await context.setOffline(false);
  await expect(connection(page)).toHaveText('Live');
  const run = page.getByRole('table', { name: 'Runs' }).locator(`tr:has(a[href="/runs/${runId}"])`);
  await expect(run.getByText('Passed')).toBeVisible();
});

test('a page that gets no stream through polls instead', async ({ page, call, gateway }) => {
  const { id: testId } = await call('tests.create', { name: 'Ticks once', script: ticker(1) });
  gateway.become('no-streams');
  await page.clock.install();
  await page.goto(`${gateway.url}/tests/${testId}`);
  await expect.poll(() => gateway.refusedStreams()).toBeGreaterThan(0);
  // Half a minute of failures, in which the page may think that it was asleep.
  await expect(async () => {
    await page.clock.fastForward(20_000);
    await expect(connection(page)).toHaveText('Polling', { timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(async () => {
    await page.clock.fastForward(5_000);
    await expect(page.getByRole('region', { name: 'Last run' }).getByText('Passed', { exact: true })).toBeVisible({
      timeout: 500,
    });
  }).toPass({ timeout: 20_000 });

  gateway.become('pass');
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect(connection(page)).toHaveText('Live');
  await expect(output(page)).toContainText('tick 1.');
});
