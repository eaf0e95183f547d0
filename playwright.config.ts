import { defineConfig } from '@playwright/test';
import { launchOptions } from './e2e/browser.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.test.ts',
  // Each has an app of its own, which its tests share.
  workers: 2,
  fullyParallel: true,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env['CI']),
  // A shared machine may stall for seconds; what passes only then is reported as flaky.
  retries: process.env['CI'] ? 1 : 0,
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    browserName: 'chromium',
    // Pictures for its film strip would be taken of every frame of everything that moves, in every test.
    trace: { mode: 'on-first-retry', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions,
    // Without a graphics card, every frame of everything that turns is painted by the processor.
    contextOptions: { reducedMotion: 'reduce' },
  },
});
