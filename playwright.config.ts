import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const systemBrowsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.test.ts',
  // Runs of the app start browsers of their own; a second worker would only compete with them.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: {
      // Without one of these, the browser that `npx playwright install` has fetched.
      executablePath: systemBrowsers.find((path) => existsSync(path)),
      // Chromium refuses to sandbox what root starts.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
});
