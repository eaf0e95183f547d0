import { setTimeout as delay } from 'node:timers/promises';
import type { StartedContender } from './contender.ts';
import type { Environment } from './environment.ts';
import type { GrowthResult } from './results.ts';

/** More often than in earnest, so that a few intervals pass soon. */
export const growthFallbackIntervalMs = 1_000;

const intervals = 5;

/**
 * What the server asks of Redis and Postgres as its watchers grow and nothing happens. For a server started with
 * `growthFallbackIntervalMs`; `connectionsBefore` is how many Redis had without it.
 */
export async function measureGrowth(
  contender: StartedContender,
  options: { environment: Environment; runIds: string[]; sizes: readonly number[]; connectionsBefore: number },
): Promise<GrowthResult[]> {
  const { environment, runIds, sizes, connectionsBefore } = options;
  const { name, server } = contender;
  const results: GrowthResult[] = [];
  let watchers = 0;
  for (const size of sizes) {
    await contender.connect({ runIds, count: size - watchers });
    watchers = size;
    // Those who have just come have read, too.
    await delay(growthFallbackIntervalMs);
    const before = await server('usage');
    await delay(intervals * growthFallbackIntervalMs);
    const after = await server('usage');
    const redisConnections = (await environment.redisConnections()) - connectionsBefore;
    results.push({
      contender: name,
      watchers,
      redisConnections,
      queries: (after.queries - before.queries) / intervals,
    });
  }
  return results;
}
