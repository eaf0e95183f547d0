/** A suite of packages that need no registry. */
export const localSuite = (scripts: object, more: Record<string, string> = {}) => ({
  'package.json': JSON.stringify({
    name: 'local',
    version: '1.0.0',
    private: true,
    scripts,
    dependencies: { small: 'file:./small' },
  }),
  'small/package.json': JSON.stringify({ name: 'small', version: '1.0.0' }),
  'playwright.config.ts': '',
  ...more,
});

/** Its lock file is made by npm. */
export const withLock = { prepare: ['npm install --package-lock-only --ignore-scripts --no-audit --no-fund'] };
