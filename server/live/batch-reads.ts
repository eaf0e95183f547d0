/**
 * Turns the reads that are asked for in one tick into one: `readMany` gets the distinct keys, at most `max` at a time,
 * and answers with what it found. A key it does not mention resolves to undefined; an error rejects every caller of
 * that batch.
 */
export function batchReads<K extends string | number, V>(
  readMany: (keys: K[]) => Promise<ReadonlyMap<K, V>>,
  max = 1_000,
): (key: K) => Promise<V | undefined> {
  let pending = new Map<
    K,
    { promise: Promise<V | undefined>; resolve(value?: V): void; reject(error: unknown): void }
  >();

  async function flush() {
    const batch = [...pending];
    pending = new Map();
    for (let start = 0; start < batch.length; start += max) {
      const part = batch.slice(start, start + max);
      try {
        const found = await readMany(part.map(([key]) => key));
        for (const [key, { resolve }] of part) resolve(found.get(key));
      } catch (error) {
        for (const [, { reject }] of part) reject(error);
      }
    }
  }

  return (key) => {
    const waiting = pending.get(key);
    if (waiting) return waiting.promise;
    if (pending.size === 0) setImmediate(flush);
    let settle!: { resolve(value?: V): void; reject(error: unknown): void };
    const promise = new Promise<V | undefined>((resolve, reject) => (settle = { resolve, reject }));
    pending.set(key, { promise, ...settle });
    return promise;
  };
}
