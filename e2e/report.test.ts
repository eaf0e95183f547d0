import type { Locator } from '@playwright/test';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { tinyFilm } from './scripts.ts';

// All tests look at one run.
test.describe.configure({ mode: 'default' });

/** A test that fails in a browser and leaves a trace, a screenshot, a video and hostile attachments. */
const hostile = `test('fails', async ({ page }, info) => {
  test.setTimeout(0);
  await page.setContent('<h1>Hello</h1>');
  const evil = '<script>document.title = "owned"</script>';
  await info.attach('page', { body: evil, contentType: 'text/html' });
  await info.attach('drawing', { body: '<svg xmlns="http://www.w3.org/2000/svg">' + evil + '</svg>', contentType: 'image/svg+xml' });
  await info.attach('note', { body: 'a note for the reader', contentType: 'text/plain' });
  await info.attach('film', { body: Buffer.from('${tinyFilm}', 'base64'), contentType: 'video/webm' });
  await expect(page.getByRole('heading')).toHaveText('Good bye', { timeout: 100 });
});`;

let runId: string;
let report: string;

test.beforeAll(async ({ app, playwright, call }) => {
  const request = await playwright.request.newContext({ extraHTTPHeaders: app.headers });
  const { id: testId } = await call('tests.create', { name: 'Hostile', script: script(hostile) });
  ({ runId } = await call('tests.run', { testId }));
  const byId = `${app.url}/api/trpc/runs.byId?input=${encodeURIComponent(JSON.stringify({ runId }))}`;
  const reportPath = async () => (await (await request.get(byId)).json()).result.data.reportPath;
  await expect.poll(reportPath).not.toBeNull();
  report = (await reportPath()) as string;
  await request.dispose();
});

/** Waits until all images are loaded, the screenshot of the failure among them. */
async function seesImages(images: Locator): Promise<void> {
  const widths = () => images.evaluateAll((all) => all.map((image) => (image as HTMLImageElement).naturalWidth));
  await expect.poll(async () => (await widths()).length > 0 && !(await widths()).includes(0)).toBe(true);
}

test('scripts of a report read neither cookies, storage nor answers of the API, and change nothing', async ({
  page,
  request,
  complaints,
}) => {
  await page.goto(report);
  await expect(page.getByText('fails').first()).toBeVisible();
  const got = await page.evaluate(async () => {
    const attempt = async (action: () => unknown) => {
      try {
        return String(await action());
      } catch (error) {
        return error instanceof Error ? error.name : 'Error';
      }
    };
    const api = `${new URL(location.href).origin}/api/trpc`;
    const body = JSON.stringify({ name: 'Made by a report', script: 'x' });
    return {
      origin: self.origin,
      cookie: await attempt(() => document.cookie),
      list: await attempt(async () => (await fetch(`${api}/tests.list`, { credentials: 'include' })).text()),
      blind: await attempt(async () => {
        const sent = { method: 'POST', mode: 'no-cors', credentials: 'include', body } as const;
        const { type, status } = await fetch(`${api}/tests.create`, sent);
        return `${type} ${status}`;
      }),
      json: await attempt(() =>
        fetch(`${api}/tests.create`, {
          method: 'POST',
          credentials: 'include',
          headers: { 'content-type': 'application/json' },
          body,
        }),
      ),
      database: await attempt(() => indexedDB.open('x')),
    };
  });
  expect(got).toEqual({
    origin: 'null',
    cookie: 'SecurityError',
    list: 'TypeError',
    blind: 'opaque 0',
    json: 'TypeError',
    database: 'SecurityError',
  });
  const tests = await (await request.get('/api/trpc/tests.list')).json();
  expect(JSON.stringify(tests)).not.toContain('Made by a report');
  // The browser logs each refusal.
  expect(complaints.length).toBeGreaterThan(0);
  complaints.length = 0;
});

test('a report works in the app’s page, in a frame that may only run scripts', async ({ page }) => {
  await page.goto('/tests');
  await page.evaluate((src) => {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts allow-popups allow-popups-to-escape-sandbox');
    frame.title = 'Report';
    frame.src = src;
    frame.style.cssText = 'position:fixed;inset:0;width:100%;height:100%;z-index:99;background:white';
    document.body.append(frame);
  }, report);
  const frame = page.frameLocator('iframe[title="Report"]');
  await frame.getByRole('link', { name: 'fails' }).first().click();
  await expect(frame.getByText('Good bye').first()).toBeVisible();
  await seesImages(frame.locator('img'));
  await frame.getByText('note', { exact: true }).first().click();
  await expect(frame.getByTestId('attachments').getByText('a note for the reader')).toBeVisible();
});

test('the report’s link to the trace opens the trace viewer in a tab when the report is shown in the app’s page', async ({
  page,
}) => {
  await page.goto(`/runs/${runId}?tab=report`);
  const shown = page.frameLocator('iframe[title="Report of Hostile"]');
  await shown.getByRole('link', { name: /trace/i }).first().click();
  const [viewer] = await Promise.all([
    page.waitForEvent('popup'),
    shown.getByRole('link', { name: 'Open the trace' }).click(),
  ]);
  await expect(viewer.getByText('Set content').first()).toBeVisible();
  await shown.getByRole('link', { name: 'Back to the report' }).click();
  await expect(shown.getByRole('link', { name: 'fails' }).first()).toBeVisible();
});

test('the report’s link to the trace opens the trace viewer, in which pages of a trace run no scripts', async ({
  page,
  complaints,
}) => {
  await page.goto(report);
  await page.getByRole('link', { name: 'fails' }).first().click();
  await seesImages(page.locator('img'));
  await page.getByRole('link', { name: /trace/i }).first().click();
  await expect(page).toHaveURL(/\/trace-viewer\/index\.html\?trace=/);
  await expect(page.getByText('Set content').or(page.getByText('setContent')).first()).toBeVisible();
  // The viewer serves the page of the trace at the app's own address.
  const file = await page.evaluate(async () => {
    const contexts = await (await fetch(`contexts${location.search}`)).text();
    const [attachment = '{}'] = /\{[^{}]*"contentType":"text\/html"[^{}]*\}/.exec(contexts) ?? [];
    const { file, sha1 } = JSON.parse(attachment);
    return (file ?? sha1) as string;
  });
  expect(file).toBeTruthy();
  await page.evaluate((path) => location.assign(`file/${path}${location.search}`), file);
  await expect(page).toHaveURL(/\/trace-viewer\/file\//);
  expect(await page.evaluate(() => [self.origin, document.title])).toEqual(['null', '']);
  expect(complaints.join()).toContain('Blocked script execution');
  complaints.length = 0;
});

test('the artifacts of a run show screenshots and videos, and open the trace in the trace viewer', async ({ page }) => {
  await page.goto(`/runs/${runId}?tab=artifacts`);
  await page
    .getByRole('button', { name: /^Show .* large$/ })
    .first()
    .click();
  const large = page.getByRole('dialog');
  await expect(large.getByRole('img')).toBeVisible();
  await expect(page).toHaveURL(/artifact=/);
  await page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  const width = (film: Locator) => film.evaluate((video: HTMLVideoElement) => video.videoWidth);
  await expect.poll(() => width(page.locator('video'))).toBe(16);

  const [viewer] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'View trace' }).click(),
  ]);
  await expect(viewer).toHaveTitle(/Playwright Trace Viewer|fails/);
  await expect(viewer.getByText('Set content').first()).toBeVisible();

  await page.getByRole('navigation', { name: 'Parts of the run' }).getByRole('link', { name: 'Report' }).click();
  const shown = page.frameLocator('iframe[title="Report of Hostile"]');
  await shown.getByText('fails').first().click();
  await expect.poll(() => width(shown.locator('video'))).toBe(16);
});
