import { z } from 'zod';

/** What Playwright installs, by the names of its command line: browsers, and the program that records videos. */
const names = ['chromium', 'firefox', 'webkit', 'ffmpeg'] as const;
export type BrowserName = (typeof names)[number];

/** Names of a setting, separated by commas. */
export const browserList = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((name) => name.trim() || []))
  .pipe(z.array(z.enum(names, `must be names of ${names.join(', ')}, separated by commas`)));
