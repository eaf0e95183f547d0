import { sql } from 'kysely';
import { measureFrames } from './case-frames.ts';
import { startContender } from './contender.ts';
import type { Environment } from './environment.ts';
import { fillRun } from './large-run-data.ts';
import { measureOpenings } from './open-run.ts';
import type { LargeRunResults } from './results.ts';
import type { ServerSettings } from './serving.ts';
import { measureWallTime } from './wall-time.ts';
import { measureWriting } from './writing.ts';

export const sizes = {
  small: { cases: 50, events: 10_000 },
  large: { cases: 5_000, events: 1_000_000 },
};

/** Runs with a great many cases and events: opening one, watching one, writing one, and how long one takes. */
export async function measureLargeRuns(
  environment: Environment,
  progress: (text: string) => void,
): Promise<LargeRunResults> {
  const { db, database, redisPort } = environment;
  const settings: ServerSettings = { database, redisPort, pingIntervalMs: 30_000, fallbackIntervalMs: 3_600_000 };

  progress(`filling a run of ${sizes.large.cases} cases with ${sizes.large.events} events`);
  const small = await fillRun(db, sizes.small);
  const large = await fillRun(db, sizes.large);
  await sql`analyze`.execute(db);
  await using server = await startContender('runlight', settings);
  progress('opening runs');
  const [ofSmall, ofLarge] = await measureOpenings(server.port, [small, large], 25);
  progress('1,000 watchers of cases, and of the state of a run');
  const frames = await measureFrames(server, { environment, rounds: 9, seconds: 6 });
  progress('writing into one run');
  const writing = await measureWriting(environment, 10);
  progress('a run of a script, and npx playwright test');
  const wallTime = await measureWallTime(5);
  return { openings: { small: ofSmall!, large: ofLarge! }, frames, writing, wallTime };
}
