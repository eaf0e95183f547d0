import type { FullProject } from '@playwright/test/reporter';
import type { SuiteBrowsers } from '#shared/suite-pipe.ts';

/** What `use` of a project may say of its browser. */
interface Use {
  browserName?: unknown;
  defaultBrowserType?: unknown;
  channel?: unknown;
  launchOptions?: { channel?: unknown; executablePath?: unknown };
  connectOptions?: unknown;
}

const names: Readonly<Record<string, string>> = {
  chromium: 'Chromium',
  firefox: 'Firefox',
  webkit: 'WebKit',
  chrome: 'Google Chrome',
  msedge: 'Microsoft Edge',
};

/**
 * The browser that a project names and this worker does not have, in words; undefined: none. A project that names no browser may
 * have tests without one, so these say themselves what they miss. A browser that the suite brings or connects to is its own.
 */
export function missingBrowser(
  { name, use }: Pick<FullProject, 'name' | 'use'>,
  worker: SuiteBrowsers,
): string | undefined {
  const browser = browserOf(use as Use);
  if (browser === undefined || worker.available.includes(browser)) return undefined;
  const project = name === '' ? 'The project' : `The project "${name}"`;
  const others = worker.available.flatMap((it) => names[it] ?? []);
  const has = others.length === 0 ? 'no browser' : `${others.join(' and ')} only`;
  return `${project} needs ${nameOf(browser)}, and the worker ${worker.worker} has ${has}: leave the project out (--project), or use a worker that has this browser.`;
}

function browserOf({
  browserName,
  defaultBrowserType,
  channel,
  launchOptions,
  connectOptions,
}: Use): string | undefined {
  if (connectOptions || launchOptions?.executablePath) return undefined;
  const named = [channel, launchOptions?.channel, browserName, defaultBrowserType].find(
    (value) => typeof value === 'string' && value !== '',
  ) as string | undefined;
  return named === 'chromium-headless-shell' ? 'chromium' : named;
}

function nameOf(browser: string): string {
  return names[browser] ?? browser;
}
