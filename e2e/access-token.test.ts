import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test as appTest } from './app-test.ts';

/** The browser logs each refusal that these tests cause. */
const test = appTest.extend({
  complaints: async ({ context: _ }, use) => use([]),
});

/** A server of another origin on this machine, which answers every request with `html`. */
async function otherSite(html: string) {
  const server = createServer((_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).end(html));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('without the access token only the lock page is shown', async ({ page, context }) => {
  await context.clearCookies();
  await page.goto('/runs');
  await expect(page.getByRole('heading', { name: 'This Runlight is locked' })).toBeVisible();
  await expect(page.getByText('Somebody sent you a link? Ask them for the access token')).toBeVisible();
  await expect(page.getByText('You run this Runlight? Open the address that it printed')).toBeVisible();
  await page.getByLabel('Access token').fill('guessed');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByRole('alert')).toContainText('not the access token');
});

test('the access token opens the page that was asked for', async ({ page, context, app }) => {
  await context.clearCookies();
  await page.goto('/runs?status=failed');
  await page.getByLabel('Access token').fill(new URL(app.entrance).searchParams.get('token')!);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  expect(new URL(page.url()).search).toContain('failed');
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('a page of another origin can neither read data nor start runs, although the browser has the cookie', async ({
  page,
  request,
  app,
}) => {
  await using site = await otherSite('<title>Elsewhere</title>');
  const idsOf = async (procedure: string) => {
    const answer = (await (await request.get(`/api/trpc/${procedure}`)).json()) as {
      result: { data: { items: { id: string }[] } };
    };
    return answer.result.data.items.map(({ id }) => id);
  };
  const [testId] = await idsOf('tests.list');
  const before = await idsOf('runs.list');
  await page.goto(site.url);
  const outcome = await page.evaluate(
    async ({ url, testId }) => {
      const attempt = (init: RequestInit, path: string) =>
        fetch(`${url}${path}`, { credentials: 'include', ...init }).then(
          async (response) => `${response.type} ${response.status} ${await response.text()}`,
          () => 'refused',
        );
      const body = JSON.stringify({ testId });
      const source = new EventSource(`${url}/api/trpc/activity.onEvents`, { withCredentials: true });
      const stream = new Promise<string>((resolve) => {
        source.addEventListener('open', () => resolve('open'));
        source.addEventListener('error', () => resolve('refused'));
      });
      return {
        read: await attempt({}, '/api/trpc/tests.list'),
        readBlind: await attempt({ mode: 'no-cors' }, '/api/trpc/tests.list'),
        run: await attempt(
          { method: 'POST', headers: { 'content-type': 'application/json' }, body },
          '/api/trpc/tests.run',
        ),
        runBlind: await attempt({ method: 'POST', mode: 'no-cors', body }, '/api/trpc/tests.run'),
        stream: await stream,
      };
    },
    { url: app.url, testId },
  );
  for (const [attempt, answer] of Object.entries(outcome)) expect(answer, attempt).toMatch(/^(refused|opaque 0 )$/);
  expect(await idsOf('runs.list')).toEqual(before);
});

test('a form on a page of another origin changes nothing', async ({ page, request, app }) => {
  await using site = await otherSite(
    `<form method="post" enctype="text/plain" action="${app.url}/api/trpc/tests.create">
      <input name='{"name":"Forged","script":"x","ignore":"' value='"}'><button>Win a prize</button></form>`,
  );
  await page.goto(site.url);
  const answered = page.waitForResponse((response) => response.url().includes('tests.create'));
  await page.getByRole('button').click();
  expect((await answered).status()).toBe(403);
  const tests = (await (await request.get('/api/trpc/tests.list')).json()) as {
    result: { data: { items: { name: string }[] } };
  };
  expect(tests.result.data.items.map(({ name }) => name)).not.toContain('Forged');
});

test('a foreign host name that resolves to this machine gets no data', async ({ playwright, app }) => {
  const { port } = new URL(app.url);
  const browser = await playwright.chromium.launch({
    ...appTest.info().project.use.launchOptions,
    args: [
      ...(appTest.info().project.use.launchOptions?.args ?? []),
      '--host-resolver-rules=MAP rebound.example 127.0.0.1',
    ],
  });
  try {
    const page = await browser.newPage();
    const response = await page.goto(`http://rebound.example:${port}/`);
    expect(response?.status()).toBe(421);
    const read = await page.evaluate(async () => {
      const answer = await fetch('/api/trpc/tests.list');
      return { status: answer.status, text: await answer.text() };
    });
    expect(read.status).toBe(421);
    expect(read.text).not.toContain('items');
  } finally {
    await browser.close();
  }
});
