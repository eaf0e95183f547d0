import type { TestSettings } from './test-settings-schema.ts';

export type { TestSettings };

/** Settings of a test in one run. */
export type RunSettings = TestSettings & { repeatEach?: number };

/** Playwright's browsers. */
export const browserNames = ['chromium', 'firefox', 'webkit'] as const;
export type BrowserName = (typeof browserNames)[number];

/**
 * The settings with which a test runs: its own, and the project's where it has none. A device replaces the default browser and
 * viewport, since it brings its own.
 */
export function mergeSettings(defaults: TestSettings, own: TestSettings): TestSettings {
  const { browserName, viewport, ...rest } = defaults.use ?? {};
  const expect = { ...defaults.expect, ...own.expect };
  const use = { ...(own.device === undefined ? defaults.use : rest), ...own.use };
  return {
    ...defaults,
    ...own,
    ...(Object.keys(expect).length > 0 && { expect }),
    ...(Object.keys(use).length > 0 && { use }),
  };
}

/** The settings that are set, by names such as `use.baseURL`. */
export function listSettings(settings: TestSettings): Record<string, string | number> {
  const list: Record<string, string | number> = {};
  const visit = (value: object, prefix: string) => {
    for (const [name, item] of Object.entries(value)) {
      if (name === 'viewport') list[prefix + name] = `${item.width} × ${item.height}`;
      else if (typeof item === 'object') visit(item, `${prefix}${name}.`);
      else if (item !== undefined) list[prefix + name] = item;
    }
  };
  visit(settings, '');
  return list;
}

/** The name that the Playwright project gets if the settings do not name it. */
export function projectNameOf({ name, device, use }: TestSettings): string {
  return name ?? device ?? use?.browserName ?? 'chromium';
}
