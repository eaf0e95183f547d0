import { expect, test } from 'vitest';
import { timeLeftText } from './time-left.ts';

test.each([
  [0, 370_000, 'about 6 min left'],
  [310_000, 370_000, 'about 1 min left'],
  [350_000, 370_000, 'about 20 s left'],
  [369_000, 370_000, 'a few seconds left'],
  [400_000, 370_000, 'a few seconds left'],
  [900_000, 370_000, 'longer than usual (6 min)'],
  [60_000, 20_000, 'longer than usual (20 s)'],
])('after %i of %i ms: %s', (elapsed, expected, text) => expect(timeLeftText(elapsed, expected)).toBe(text));
