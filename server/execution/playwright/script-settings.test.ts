import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bubblewrap } from '#server/execution/sandbox/sandbox.ts';
import { executeScripts, script } from '#server/testing/execute-scripts.ts';
import { findBrowser } from './browser.ts';

describe('a script', () => {
  it('knows the name of its project and its configuration file', async () => {
    const knows = script(`
      test('knows', async ({}, info) => {
        expect(info.project.name).toBe('chromium');
        expect(info.config.configFile).toBeTruthy();
      });`);
    await using run = await executeScripts({ Knows: knows });
    expect(run.outcome).toMatchObject({ status: 'passed', errorDetails: null });
  });

  it('has its settings, beside scripts with others, in the order of the run', async () => {
    const shows = script(`
      test('shows', async ({ page, locale, baseURL }, info) => {
        console.log(JSON.stringify({
          name: info.project.name, baseURL, locale, timezone: await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
          width: page.viewportSize()?.width, timeout: info.project.timeout, retries: info.project.retries, retry: info.retry,
        }));
        await page.setContent('<p data-qa="x">hello</p>');
        const started = Date.now();
        await expect(page.getByTestId('x')).toHaveText(info.project.name === 'chromium' ? 'hello' : 'bye').catch(() => console.log('gave up ' + (Date.now() - started < 4000)));
        expect(info.retry).toBe(info.project.retries);
      });`);
    const first = { use: { testIdAttribute: 'data-qa' } };
    const second = {
      name: 'phone',
      device: 'Pixel 5',
      timeout: 45_000,
      retries: 1,
      expect: { timeout: 300 },
      use: { baseURL: 'https://example.com/shop/', locale: 'de-DE', timezoneId: 'Asia/Tokyo' },
    };
    await using run = await executeScripts({
      First: { script: shows, settings: first },
      Second: { script: shows.replace('timeout: 0', ''), settings: second },
      Third: { script: shows, settings: first },
    });
    expect(run.outcome).toMatchObject({ status: 'passed', errorDetails: null });
    const desktop = expect.objectContaining({
      name: 'chromium',
      locale: 'en-US',
      width: 1280,
      timeout: 30_000,
      retries: 0,
    });
    const phone = expect.objectContaining({
      name: 'phone',
      baseURL: 'https://example.com/shop/',
      locale: 'de-DE',
      timezone: 'Asia/Tokyo',
      width: 393,
      timeout: 45_000,
    });
    expect(
      run.output
        .trim()
        .split('\n')
        .map((line) => (line.startsWith('{') ? JSON.parse(line) : line)),
    ).toEqual([desktop, phone, 'gave up true', phone, 'gave up true', desktop]);
    expect(run.outcome.tests.map(({ flaky }) => flaky)).toEqual([false, true, false]);
  });
});

describe('the browser', () => {
  it('is found whatever a script says of its launch', async () => {
    const slow = script(`
      test.use({ launchOptions: { slowMo: 10, args: ['--disable-web-security'] } });
      test('opens a page slowly', async ({ page, playwright }) => {
        await page.setContent('<h1>hello</h1>');
        await expect(page.locator('h1')).toHaveText('hello');
        const another = await playwright.chromium.launch();
        await another.close();
      });`);
    await using run = await executeScripts({ Slow: slow });
    expect(run.outcome).toMatchObject({ status: 'passed', errorDetails: null });
  });

  it('of Playwright is used where the worker has it', async () => {
    // A program in its place that ends at once.
    const browser = { ...findBrowser({})!, others: [{ name: 'firefox' as const, executablePath: '/bin/false' }] };
    const fox = script(`test.use({ browserName: 'firefox' }); test('a page', async ({ page }) => {});`);
    const safari = script(`test('a page', async ({ page, playwright }) => { await playwright.webkit.launch(); });`);
    await using run = await executeScripts({ Fox: fox, Safari: safari }, { browser });
    expect(run.outcome.tests[0]?.error?.message).toContain('<launching> /bin/false');
    expect(run.outcome.tests[1]?.error?.message).toContain(
      'This test needs WebKit, and this worker has Chromium and Firefox only',
    );
  });

  it('that the worker does not have is refused in one sentence before the script runs', async () => {
    const phone = script(`
      import { devices } from '@playwright/test';
      test.use({ ...devices['iPhone 13'] });
      test('first', async ({ context }) => { console.log('ran'); });`);
    const api = script(`test.use({ browserName: 'firefox' }); test('without a page', () => {});`);
    await using run = await executeScripts({
      Phone: phone,
      Api: api,
      Set: { script: script(`test('a page', async ({ page }) => {});`), settings: { use: { browserName: 'firefox' } } },
    });
    expect(run.outcome).toMatchObject({
      status: 'error',
      errorCode: 'no_browser',
      errorDetails: expect.stringMatching(
        /^"Phone" needs WebKit, and this worker has Chromium only: run "npx playwright install webkit" on the worker, or choose another browser\.\n/,
      ),
    });
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['failed', 'passed', 'failed']);
    expect(run.outcome.tests[2]?.error?.message).toContain('"Set" needs Firefox');
    expect(run.output).toBe('');
  });
});

describe('a video', () => {
  const filmed = script(`
    test.use({ video: 'on' });
    test('is filmed', async ({ page }) => { await page.setContent('<h1>hello</h1>'); await expect(page.locator('h1')).toBeVisible(); });`);

  it('is left out where the worker cannot record it, and the log says so', async () => {
    await using run = await executeScripts({ Filmed: filmed });
    expect(run.outcome).toMatchObject({ status: 'passed', errorDetails: null });
    expect(run.output).toBe('Videos are not recorded: run `npx playwright install ffmpeg` on the worker.\n');
    expect(run.outcome.artifacts.map(({ kind }) => kind)).not.toContain('video');
  });

  it('is recorded by the ffmpeg of the worker', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'runlight-ffmpeg-'));
    const ffmpeg = path.join(dir, 'ffmpeg-linux');
    // In the place of ffmpeg: it writes the pictures as they come. The last argument is the file.
    await writeFile(ffmpeg, '#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\nexec cat > "$1"\n', { mode: 0o755 });
    try {
      const found = findBrowser({})!;
      const browser = { ...found, ffmpeg, readOnly: [...found.readOnly, dir] };
      await using run = await executeScripts({ Filmed: filmed }, { browser, sandbox: bubblewrap() });
      expect(run.outcome).toMatchObject({ status: 'passed', errorDetails: null });
      const video = run.outcome.artifacts.find(({ kind }) => kind === 'video');
      expect(video).toMatchObject({ name: 'video', contentType: 'video/webm' });
      expect(video!.bytes).toBeGreaterThan(1_000);
      expect(run.output).toBe('');
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('a script that has to be an ES module', () => {
  it('may await at the top level, and others have require', async () => {
    const waits = script(`
      import path from 'node:path';
      import { fileURLToPath } from 'node:url';
      const here = path.dirname(fileURLToPath(import.meta.url));
      const people = await Promise.resolve(['ada', 'grace']);
      for (const name of people) test('greets ' + name, () => { expect(here).toBeTruthy(); });
      test('fails', () => { expect(1).toBe(2); });`);
    const requires = script(`
      const os = require('node:os');
      test('requires', async () => { await test.step(__dirname, () => expect(os.platform()).toBeTruthy()); });`);
    await using run = await executeScripts({ Waits: waits, Requires: requires });
    expect(run.outcome).toMatchObject({ status: 'failed' });
    expect(run.outcome.tests).toMatchObject([{ status: 'failed', error: { line: 8 } }, { status: 'passed' }]);
    expect(JSON.stringify(run.outcome)).not.toMatch(/\.mts|file:/);
  });

  it('that imports a missing module gets an error that names it, without a path of the machine', async () => {
    await using run = await executeScripts({ Helper: `import { login } from './helpers/login'; login();` });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'script_error' });
    expect(run.outcome.errorDetails).toMatch(
      /^Error: Cannot find module '.\/helpers\/login'\nRequire stack:\n- Helper\n/,
    );
    expect(run.outcome.errorDetails).not.toMatch(/node_modules|\.cjs/);
  });
});
