import { defineConfig } from '@playwright/test';
import { launchOptions } from './e2e/browser.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.test.ts',
  // Each worker starts an app, which its tests share, and waits for it a part of the time: one more at once than cores.
  workers: 3,
  fullyParallel: true,
  // These limits end tests that hang. A slow or busy machine stays far below them.
  timeout: 600_000,
  expect: { timeout: 120_000 },
  forbidOnly: Boolean(process.env['CI']),
  retries: 0,
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    browserName: 'chromium',
    screenshot: 'only-on-failure',
    launchOptions,
    // Without a graphics card, the processor paints every frame of an animation.
    contextOptions: { reducedMotion: 'reduce' },
  },
});
