import type { LaunchOptions } from '@playwright/test';
// Playwright does not set the condition under which `#server` resolves to sources.
// oxlint-disable-next-line import/no-relative-parent-imports
import { findBrowser } from '../server/execution/playwright/browser.ts';

/** Starts the browser that runs use, too. */
export const launchOptions: LaunchOptions = {
  executablePath: findBrowser({})?.executablePath,
  // Chromium does not start its sandbox as root.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
};
