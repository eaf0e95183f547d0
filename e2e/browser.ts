import { existsSync } from 'node:fs';
import type { LaunchOptions } from '@playwright/test';

const systemBrowsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** How the browser is started that the app is looked at with. */
export const launchOptions: LaunchOptions = {
  // Without one of these, the browser that `npx playwright install` has fetched.
  executablePath: systemBrowsers.find((path) => existsSync(path)),
  // Chromium refuses to sandbox what root starts.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
};
