import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { testSettings } from '#shared/test-settings-schema.ts';
import { script } from '#server/testing/execute-scripts.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({ worker: true });

/** A site on loopback that knows who signed in. */
async function startSite(): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const user = /user=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'guest';
    if (request.url === '/login') response.setHeader('set-cookie', 'user=ann; Path=/');
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>Tiny shop</title><h1>${user}</h1><button data-qa="buy">Buy</button>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: async () => void server.close() };
}

async function ended(started: { runId: string }) {
  const { api, stream } = app().client;
  await stream((api) => api.runs.onStatus, started).ended;
  return api.runs.byId.query(started);
}

describe('settings', () => {
  test('of a test are stored with its defaults in the project, and a run keeps those that it had', async () => {
    const { api } = app().client;
    await api.projects.updateSettings.mutate({
      settings: { retries: 2, use: { baseURL: 'https://example.com', viewport: { width: 800, height: 600 } } },
    });
    const test = await api.tests.create.mutate({ name: 'Shop', script: script(`test('a', () => {});`) });
    expect(test.settings).toEqual({});
    const { settings, updatedAt } = await api.tests.update.mutate({
      testId: test.id,
      settings: { device: 'Pixel 5', use: { locale: 'de-DE' }, expect: { timeout: 1_000 } },
    });
    expect(settings).toEqual({ device: 'Pixel 5', use: { locale: 'de-DE' }, expect: { timeout: 1_000 } });
    const { runId } = await api.tests.run.mutate({ testId: test.id });
    await api.tests.update.mutate({ testId: test.id, settings: {}, expectedUpdatedAt: updatedAt });
    await api.projects.updateSettings.mutate({ settings: {} });
    const had = {
      retries: 2,
      device: 'Pixel 5',
      expect: { timeout: 1_000 },
      // The viewport of the device counts.
      use: { baseURL: 'https://example.com', locale: 'de-DE' },
    };
    expect((await ended({ runId })).tests).toMatchObject([{ settings: had }]);
    expect((await api.runs.byId.query({ runId })).tests[0]!.settings).toEqual(had);
    const again = await api.runs.retry.mutate({ runId });
    expect((await ended(again)).tests[0]!.settings).toEqual(had);
    expect((await api.projects.settings.query()).settings).toEqual({});
  });

  test('that Playwright would not take are refused at their fields', async () => {
    const { api } = app().client;
    const create = (settings: object) =>
      api.tests.create.mutate({ name: 'Shop', script: script(''), settings: settings as never });
    await expect(create({ device: 'Abacus' })).rejects.toMatchObject({
      message: expect.stringContaining('"Abacus" is not a device of Playwright'),
      data: { fieldErrors: { 'settings.device': [expect.any(String)] } },
    });
    const refused = [
      { use: { baseURL: 'example.com' } },
      { use: { baseURL: 'https://ann:secret@example.com' } },
      { use: { locale: 'de_DE' } },
      { use: { timezoneId: 'Mars/Olympus' } },
      { use: { storageState: '../state.json' } },
      { use: { testIdAttribute: 'data id' } },
      { use: { launchOptions: { executablePath: '/bin/sh' } } },
      { globalSetup: '/tmp/setup.js' },
      { retries: -1 },
      { workers: 0 },
      { timeout: 0.5 },
    ];
    for (const settings of refused)
      expect(testSettings.safeParse(settings).success, JSON.stringify(settings)).toBe(false);
    const devices = await api.projects.devices.query();
    expect(devices.items).toContainEqual({
      name: 'iPhone 13',
      browserName: 'webkit',
      viewport: { width: 390, height: 664 },
    });
  });
});

describe('scripts of a job', () => {
  test('run with settings of their own, and share what one of them writes to a relative path', async () => {
    await using site = await startSite();
    const { api } = app().client;
    const create = async (name: string, body: string, settings = {}) =>
      (await api.tests.create.mutate({ name, script: script(body), settings })).id;
    const testIds = [
      await create(
        'Sign in',
        `test('authenticate', async ({ page }) => {
           await page.goto('${site.url}/login');
           await page.context().storageState({ path: 'playwright/.auth/user.json' });
         });`,
      ),
      await create(
        'As Ann',
        `test('is ann', async ({ page, request }) => {
           await page.goto('/');
           await expect(page).toHaveTitle('Tiny shop');
           await expect(page.getByRole('heading')).toHaveText('ann');
           await page.getByTestId('buy').click();
           expect((await request.get('/api/items')).ok()).toBe(true);
           expect(test.info().project.name).toBe('signed in');
         });`,
        {
          name: 'signed in',
          use: { baseURL: site.url, testIdAttribute: 'data-qa', storageState: 'playwright/.auth/user.json' },
        },
      ),
      await create(
        'As a guest',
        `test('is a guest', async ({ page }) => {
           await page.goto('/');
           await expect(page.getByRole('heading')).toHaveText('guest');
         });
         test.describe('with the file', () => {
           test.use({ storageState: 'playwright/.auth/user.json' });
           test('is ann', async ({ page }) => {
             await page.goto('/');
             await expect(page.getByRole('heading')).toHaveText('ann');
           });
         });`,
        { use: { baseURL: site.url } },
      ),
    ];
    const { id: jobId } = await api.jobs.create.mutate({ name: 'Shop', testIds });
    const run = await ended(await api.jobs.run.mutate({ jobId }));
    expect(run).toMatchObject({ status: 'passed', errorDetails: null });
    expect(run.tests.map(({ name, settings }) => [name, settings.use?.baseURL])).toEqual([
      ['Sign in', undefined],
      ['As Ann', site.url],
      ['As a guest', site.url],
    ]);
  });
});
