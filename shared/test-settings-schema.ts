import { z } from 'zod';
import { browserNames } from './test-settings.ts';

const line = (maxChars: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(maxChars, `must have at most ${maxChars} characters`)
    .refine((value) => !/\p{Cc}/u.test(value), 'must not contain control characters');

/** In ms; 0: no limit. */
const timeout = z
  .int('must be a whole number of ms')
  .min(0, 'must not be negative')
  .max(24 * 3_600_000, 'must be at most 24 hours');

const pixels = z.int('must be a whole number').min(1, 'must be at least 1').max(10_000, 'must be at most 10,000');

const baseURL = line(2_000)
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
    error: 'must be an address such as https://example.com/shop/',
    abort: true,
  })
  .refine((value) => new URL(value).username === '' && new URL(value).password === '', {
    error: 'must not contain a password, since everyone in the project reads it: use a variable',
  });

const locale = line(35).refine((value) => {
  try {
    return Intl.getCanonicalLocales(value).length === 1;
  } catch {
    return false;
  }
}, 'must be a locale such as de-DE');

const timezoneId = line(100).refine((value) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'must be a time zone such as Europe/Berlin');

/**
 * Settings of a test, or the defaults of a project, under the names of Playwright's configuration. `device` is the one name that
 * is not Playwright's: it stands for `...devices[device]` in `use`.
 */
export const testSettings = z.strictObject({
  /** Of the Playwright project. Default: the device, the browser, or `chromium`. */
  name: line(100).optional(),
  /** Of one case. */
  timeout: timeout.optional(),
  retries: z.int('must be a whole number').min(0, 'must not be negative').max(10, 'must be at most 10').optional(),
  workers: z.int('must be a whole number').min(1, 'must be at least 1').max(16, 'must be at most 16').optional(),
  expect: z.strictObject({ timeout: timeout.optional() }).optional(),
  device: line(100).optional(),
  use: z
    .strictObject({
      baseURL: baseURL.optional(),
      browserName: z.enum(browserNames).optional(),
      viewport: z.strictObject({ width: pixels, height: pixels }).optional(),
      locale: locale.optional(),
      timezoneId: timezoneId.optional(),
      testIdAttribute: line(100)
        .regex(/^[A-Za-z_][\w.:-]*$/, 'must be the name of an attribute such as data-testid')
        .optional(),
      /** A file that an earlier script of the job writes, relative to the folder in which scripts run. */
      storageState: line(500)
        .refine(
          (value) => !value.startsWith('/') && !value.split('/').includes('..'),
          'must be a relative path such as playwright/.auth/user.json',
        )
        .optional(),
    })
    .optional(),
});
export type TestSettings = z.infer<typeof testSettings>;
