import { tryWithLock } from '#server/db/advisory-locks.ts';
import type { Database } from '#server/db/database.ts';
import type { Logger } from '#server/lib/logger.ts';
import { repeatSweeps } from './repeat-sweeps.ts';

/**
 * Removes some of what is past its retention, every 5 s and in one process at a time. Apart from the sweeper: files that take
 * long to be removed, or cannot be, do not hold up its repairs. Disposing ends a running removal after its batch.
 */
export function startRemover(deps: {
  db: Database;
  removeOld(signal: AbortSignal): Promise<void>;
  logger: Logger;
}): AsyncDisposable {
  return repeatSweeps({
    sweep: (_, signal) => tryWithLock(deps.db, 'removal', () => deps.removeOld(signal)),
    logger: deps.logger,
  });
}
