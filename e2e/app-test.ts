import { test as base, type BrowserContext } from '@playwright/test';
import { call, runScript } from './api.ts';
import { startGate, type Gate } from './gate.ts';
import { startApp, startTimeoutMs, type RunningApp } from './running-app.ts';
import { recordToasts } from './toasts.ts';

interface Fixtures {
  /** Errors that browsers reported about the pages. */
  complaints: string[];
  /** Errors that the test causes on purpose. */
  tolerated: RegExp | null;
  /** Opens a browser of another person, with access. */
  newBrowser: () => Promise<BrowserContext>;
  /** A gate of this test, closed. */
  gate: Gate;
  /** Calls a procedure with the access token, and returns its answer. */
  call: (procedure: string, input: object) => Promise<{ id: string; runId: string }>;
  /** Creates a test with a script of this body, and runs it. */
  runScript: (name: string, body: string) => Promise<{ testId: string; runId: string }>;
}

/**
 * `test` with the app running (one per worker) at the pages' base address. A page that logs an error, throws one or
 * makes a request that fails, fails its test.
 */
export const test = base.extend<Fixtures, { app: RunningApp }>({
  app: [
    // Playwright reads the needed fixtures from the pattern: none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using app = await startApp();
      await use(app);
    },
    { scope: 'worker', timeout: startTimeoutMs },
  ],
  baseURL: async ({ app }, use) => use(app.url),
  /** A browser with the access cookie. */
  context: async ({ context, app }, use) => {
    await context.request.get(app.entrance);
    await use(context);
  },
  /** A program with the access token. */
  request: async ({ app, playwright }, use) => {
    const request = await playwright.request.newContext({ baseURL: app.url, extraHTTPHeaders: app.headers });
    await use(request);
    await request.dispose();
  },
  tolerated: [null, { option: true }],
  complaints: [
    async ({ context, tolerated }, use) => {
      const complaints: string[] = [];
      await watch(context, complaints, tolerated);
      await use(complaints);
      base.expect(complaints, 'complaints of the browser').toEqual([]);
    },
    { auto: true },
  ],
  newBrowser: async ({ browser, app, complaints, tolerated }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL: app.url });
      contexts.push(context);
      await watch(context, complaints, tolerated);
      await context.request.get(app.entrance);
      return context;
    });
    for (const context of contexts) await context.close();
  },
  // oxlint-disable-next-line no-empty-pattern
  gate: async ({}, use) => {
    await using gate = await startGate();
    await use(gate);
  },
  call: async ({ request, app }, use) => {
    await use((procedure, input) => call(request, app.url, procedure, input));
  },
  runScript: async ({ request, app }, use) => {
    await use((name, body) => runScript(request, app.url, name, body));
  },
});

async function watch(context: BrowserContext, complaints: string[], tolerated: RegExp | null): Promise<void> {
  await recordToasts(context);
  const complain = (text: string) => {
    if (!tolerated?.test(text)) complaints.push(text);
  };
  // Chromium logs answers of 400 and above, too.
  context.on('console', (message) => {
    if (message.type() === 'error') complain(message.text());
  });
  context.on('weberror', (error) =>
    complaints.push(error.error().stack || error.error().message || 'an error without a text'),
  );
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // The page itself ended the request, as it does with streams.
    if (reason !== 'net::ERR_ABORTED') complain(`${request.url()} failed: ${reason}`);
  });
}

export { expect } from '@playwright/test';
