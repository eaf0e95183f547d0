import { test as base, type BrowserContext } from '@playwright/test';
import { call, runScript } from './api.ts';
import { startApp, type RunningApp } from './running-app.ts';

interface Fixtures {
  /** What browsers had to say against the pages. */
  complaints: string[];
  /** What the browser may complain of in a test that makes it happen on purpose. */
  tolerated: RegExp | null;
  /** Opens the browser of another person, who has been let in. */
  newBrowser: () => Promise<BrowserContext>;
  /** Calls a procedure as a program would, and returns its answer. */
  call: (procedure: string, input: object) => Promise<{ id: string; runId: string }>;
  /** Creates a test whose script has this body, and starts it. */
  runScript: (name: string, body: string) => Promise<{ testId: string; runId: string }>;
}

/**
 * `test` with the app running (one per file's worker) at the pages' base address. A page that logs an error, throws one
 * or makes a request that fails, fails its test.
 */
export const test = base.extend<Fixtures, { app: RunningApp }>({
  app: [
    // Playwright reads from the pattern which fixtures this one needs: none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using app = await startApp();
      await use(app);
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  baseURL: async ({ app }, use) => use(app.url),
  /** Browsers that have been let in. */
  context: async ({ context, app }, use) => {
    await context.request.get(app.entrance);
    await use(context);
  },
  /** A program with the token. */
  request: async ({ app, playwright }, use) => {
    const request = await playwright.request.newContext({ baseURL: app.url, extraHTTPHeaders: app.headers });
    await use(request);
    await request.dispose();
  },
  tolerated: [null, { option: true }],
  complaints: [
    async ({ context, tolerated }, use) => {
      const complaints: string[] = [];
      listen(context, complaints, tolerated);
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
      listen(context, complaints, tolerated);
      await context.request.get(app.entrance);
      return context;
    });
    for (const context of contexts) await context.close();
  },
  call: async ({ request, app }, use) => {
    await use((procedure, input) => call(request, app.url, procedure, input));
  },
  runScript: async ({ request, app }, use) => {
    await use((name, body) => runScript(request, app.url, name, body));
  },
});

function listen(context: BrowserContext, complaints: string[], tolerated: RegExp | null): void {
  const complain = (text: string) => {
    if (!tolerated?.test(text)) complaints.push(text);
  };
  // Answers of 400 and above are among them.
  context.on('console', (message) => {
    if (message.type() === 'error') complain(message.text());
  });
  context.on('weberror', (error) => complaints.push(error.error().stack ?? error.error().message));
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // What a browser says of a request that the page itself has ended, as it does with streams.
    if (reason !== 'net::ERR_ABORTED') complain(`${request.url()} failed: ${reason}`);
  });
}

export { expect } from '@playwright/test';
