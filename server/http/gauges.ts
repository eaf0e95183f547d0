import { Gauge, type Registry } from 'prom-client';
import { within } from '#server/lib/within.ts';

/** A gauge that cannot be read within this time is left out, in ms. */
const readWithinMs = 3_000;

/**
 * Adds a gauge that is read for each request. While it cannot be read, or is undefined, it is left out, and the others are there:
 * they are wanted most when something is down.
 */
export function addGauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => number | undefined | Promise<number | undefined>,
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      const value = await attempt(read);
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}

/** The same for a value for each value of a label. */
export function addGauges(
  registry: Registry,
  [name, label]: readonly [name: string, label: string],
  help: string,
  read: () => Record<string, number> | Promise<Record<string, number>>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      const values = await attempt(read);
      this.reset();
      for (const [key, value] of Object.entries(values ?? {})) this.set({ [label]: key }, value);
    },
  });
}

async function attempt<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await within(readWithinMs, Promise.resolve(read()), 'too slow');
  } catch {
    return undefined;
  }
}

/** Gauges that are read at the same time share one read. */
export function shareRead<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read().finally(() => (reading = undefined)));
}
