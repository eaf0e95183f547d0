import { InvalidArgumentError } from 'commander';

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const longestMs = 24 * units.h;

/** `90s`, `15m`, `1h30m` in ms. Throws commander's error for anything else. */
export function parseDuration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*/gy)];
  const ms = parts.reduce((sum, [, value, unit]) => sum + Number(value) * units[unit as keyof typeof units], 0);
  const isWhole = parts.reduce((sum, [part]) => sum + part.length, 0) === text.trim().length;
  if (parts.length === 0 || !isWhole || ms <= 0 || ms > longestMs)
    throw new InvalidArgumentError('It is a time such as 90s, 15m or 1h30m, at most 24h.');
  return ms;
}
