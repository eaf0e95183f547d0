import { setTimeout as delay } from 'node:timers/promises';

/** How long reads gather after a batch, in ms: the longest that a read waits, and the reason why many become few. */
const gatherMs = 10;

/**
 * Joins the reads of one turn of the event loop, or of the moment after an earlier batch, into one: `readMany` gets the
 * distinct keys, at most `max` at a time, and returns what it found. A read starts after it was asked for, never before.
 * A key that is missing in the result resolves to undefined; an error rejects every caller of that batch.
 */
export function batchReads<K extends string | number, V>(
  readMany: (keys: K[]) => Promise<ReadonlyMap<K, V>>,
  max = 1_000,
): (key: K) => Promise<V | undefined> {
  interface Read {
    promise: Promise<V | undefined>;
    resolve(value?: V): void;
    reject(error: unknown): void;
  }
  let pending = new Map<K, Read>();
  let isFlushing = false;

  async function flush() {
    while (pending.size > 0) {
      const batch = [...pending];
      pending = new Map();
      for (let start = 0; start < batch.length; start += max) await read(batch.slice(start, start + max));
      await delay(gatherMs, undefined, { ref: false });
    }
    isFlushing = false;
  }

  async function read(part: [K, Read][]) {
    try {
      const found = await readMany(part.map(([key]) => key));
      for (const [key, { resolve }] of part) resolve(found.get(key));
    } catch (error) {
      for (const [, { reject }] of part) reject(error);
    }
  }

  return (key) => {
    const waiting = pending.get(key);
    if (waiting) return waiting.promise;
    if (!isFlushing) {
      isFlushing = true;
      setImmediate(flush);
    }
    let settle!: Omit<Read, 'promise'>;
    const promise = new Promise<V | undefined>((resolve, reject) => (settle = { resolve, reject }));
    pending.set(key, { promise, ...settle });
    return promise;
  };
}
