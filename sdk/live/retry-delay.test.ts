import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryDelayMs } from './retry-delay.ts';

test('delays grow with the outage up to a limit, and are spread from zero to that limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: -10_000, max: 1e10 }), (failingForMs) => {
      const limit = Math.min(15_000, Math.max(500, failingForMs));
      const waits = Array.from({ length: 200 }, () =>
        retryDelayMs({ failingForMs, minDelayMs: 500, maxDelayMs: 15_000 }),
      );
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
      expect(Math.min(...waits)).toBeLessThan(limit * 0.25);
      expect(Math.max(...waits)).toBeGreaterThan(limit * 0.75);
      expect(Math.max(...waits)).toBeLessThanOrEqual(limit);
    }),
  );
});
