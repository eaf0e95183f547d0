import { test as base } from '@playwright/test';
import { startApp, type RunningApp } from './running-app.ts';

/**
 * `test` with the app running (one per file's worker) at the pages' base address. A page that logs an error or throws one
 * fails its test.
 */
export const test = base.extend<{ complaints: string[]; tolerated: RegExp | null }, { app: RunningApp }>({
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
  /** What the browser may log as an error in a test that makes it happen on purpose. */
  tolerated: [null, { option: true }],
  complaints: [
    async ({ context, tolerated }, use) => {
      const complaints: string[] = [];
      context.on('console', (message) => {
        if (message.type() === 'error' && !tolerated?.test(message.text())) complaints.push(message.text());
      });
      context.on('weberror', (error) => complaints.push(error.error().stack ?? error.error().message));
      await use(complaints);
      base.expect(complaints, 'errors in the console of the browser').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect } from '@playwright/test';
