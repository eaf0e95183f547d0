import { z } from 'zod';

// The kinds of values that environment variables have.

export const ms = (fallback: number, min: number) =>
  z.coerce.number('must be a number of milliseconds').int().min(min).max(86_400_000).default(fallback);
export const amount = (fallback: number) =>
  z.coerce.number('must be a whole number').int('must be a whole number').min(1).max(10_000).default(fallback);
export const days = (fallback: number) =>
  z.coerce.number('must be a number of days').int().min(0).max(36_500).default(fallback);
export const mb = (fallback: number) =>
  z.coerce
    .number('must be a number of megabytes')
    .int('must be a whole number')
    .min(1)
    .max(1_000_000)
    .default(fallback);
export const port = z.coerce.number('must be a port number').int().min(0).max(65_535);
export const flag = z
  .enum(['1', '0', 'true', 'false', 'on', 'off'], 'must be 1 or 0')
  .transform((value) => ['1', 'true', 'on'].includes(value));

/** A URL of scheme, host and port. Any other part would be ignored, so it is refused. */
export const origin = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .superRefine((text, issues) => {
    const { pathname, search, hash, username, password } = new URL(text);
    const path = pathname === '/' ? '' : pathname;
    const ignored = [path && `the path ${path}`, search && `the query ${search}`, hash && `the fragment ${hash}`];
    if (username || password) ignored.push('the user');
    const parts = ignored.filter(Boolean);
    if (parts.length > 0)
      issues.addIssue({
        code: 'custom',
        message: `must be scheme, host and port alone; ${parts.join(' and ')} cannot be used. Give Runlight a host name or a port of its own`,
      });
  });
