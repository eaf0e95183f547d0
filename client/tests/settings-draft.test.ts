import { expect, test } from 'vitest';
import type { TestSettings } from '#shared/test-settings.ts';
import { toSettings, toSettingsDraft } from './settings-draft.ts';

test.each<TestSettings>([
  {},
  { retries: 0, timeout: 0 },
  { use: { viewport: { width: 800, height: 600 } } },
  {
    name: 'phone',
    device: 'iPhone 13',
    timeout: 45_000,
    retries: 2,
    workers: 3,
    expect: { timeout: 8_000 },
    use: {
      baseURL: 'https://example.com/shop/',
      browserName: 'webkit',
      locale: 'de-DE',
      timezoneId: 'Europe/Berlin',
      testIdAttribute: 'data-qa',
      storageState: 'playwright/.auth/user.json',
    },
  },
])('settings become fields and the same settings again: %o', (settings) => {
  expect(toSettings(toSettingsDraft(settings))).toEqual(settings);
});

test('empty fields and spaces set nothing', () => {
  const draft = { ...toSettingsDraft({}), baseURL: '  ', retries: ' ' };
  expect(toSettings(draft)).toEqual({});
});
