import { existsSync } from 'node:fs';
import type { LaunchOptions } from '@playwright/test';

const systemBrowsers = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
);

/** How the browser is started that the app is looked at with. */
export const launchOptions: LaunchOptions = {
  // Without one of these, the browser that `npx playwright install` has fetched.
  executablePath: systemBrowsers.find((path) => existsSync(path)),
  // Chromium refuses to sandbox what root starts.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
};
