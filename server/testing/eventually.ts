import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves to what `check` answers once it does not throw, and rejects with its last error if it still throws after
 * `withinMs`. That is generous, so that a busy machine makes tests slower and fails none.
 */
export async function eventually<T>(check: () => T | Promise<T>, { withinMs = 20_000 } = {}): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (let waitMs = 5; ; waitMs = Math.min(2 * waitMs, 40)) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(waitMs);
  }
}
