import type { LaunchOptions } from '@playwright/test';
// Playwright does not ask for the condition under which `#server` leads to sources.
// oxlint-disable-next-line import/no-relative-parent-imports
import { findBrowser } from '../server/execution/playwright/browser.ts';

/** Starts the browser that runs use, too. */
export const launchOptions: LaunchOptions = {
  executablePath: findBrowser({})?.executablePath,
  // Chromium refuses to sandbox what root starts.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
};
