import type { LaunchOptions } from '@playwright/test';
// Playwright does not ask for the condition under which `#server` leads to sources.
// oxlint-disable-next-line import/no-relative-parent-imports
import { findBrowser } from '../server/execution/playwright/browser.ts';

/** How the browser is started that the app is looked at with: that which runs take, too. */
export const launchOptions: LaunchOptions = {
  executablePath: findBrowser({})?.executablePath,
  // Chromium refuses to sandbox what root starts.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
};
