import type { Database } from '#server/db/database.ts';
import { readPresence } from '#server/workers/queries.ts';
import { findCaseDurations } from './case-durations.ts';
import { autoShards } from './divide-cases.ts';

/** How long a run that is divided by itself should take, in ms. */
const wantedMs = 5 * 60_000;

/**
 * How many parts a run needs to end within the wanted time by what its cases took before, and no more than workers are free. A suite
 * that never ran has one part. Files stay whole, since only its own Playwright knows which may be divided.
 */
export async function chooseShards(db: Database, suiteId: string, wallTimeMs = wantedMs): Promise<number> {
  const [cases, { items: workers }] = await Promise.all([findCaseDurations(db, suiteId), readPresence(db)]);
  const free = workers.reduce((sum, { concurrency, runs }) => sum + Math.max(0, concurrency - runs.length), 0);
  const toDivide = cases.map(({ project, file, durationMs }, index) => ({
    id: String(index),
    group: file,
    project,
    durationMs,
  }));
  return autoShards(toDivide, wallTimeMs, Math.max(1, free));
}
