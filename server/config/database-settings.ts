import { z } from 'zod';
import { ms } from './env-fields.ts';
import type { Role } from './roles.ts';

/** Each of the sweeps holds a connection while it works on another. */
const fewest = 5;

export const databaseFields = {
  DATABASE_POOL: z.coerce
    .number('must be a number of connections')
    .int('must be a whole number')
    .min(fewest, `must be at least ${fewest}: sweeps hold a connection while they use another`)
    .max(1_000)
    .optional(),
  DATABASE_TIMEOUT: ms(30_000, 1_000),
};

export interface DatabaseLimits {
  /** Connections for queries at once. */
  poolSize: number;
  /** After this time a statement is stopped, in ms. */
  timeoutMs: number;
}

/** By default a worker has a connection for each run, beside those of the sweeps, and the API as many as keep a few cores busy. */
export function databaseLimits(env: {
  DATABASE_POOL?: number | undefined;
  DATABASE_TIMEOUT: number;
  ROLES: ReadonlySet<Role>;
  WORKER_CONCURRENCY: number;
}): DatabaseLimits {
  const ofApi = env.ROLES.has('api') ? 2 * fewest : fewest;
  const ofWorker = env.ROLES.has('worker') ? env.WORKER_CONCURRENCY : 0;
  return { poolSize: env.DATABASE_POOL ?? ofApi + ofWorker, timeoutMs: env.DATABASE_TIMEOUT };
}
