import { tryWithLock } from '#server/db/advisory-locks.ts';
import type { Database } from '#server/db/database.ts';
import type { Logger } from '#server/lib/logger.ts';
import { repeatSweeps } from './repeat-sweeps.ts';

/**
 * Removes some of what is past its retention, every 5 s and in one process at a time. Apart from the sweeper: files that take
 * long to be removed, or cannot be, do not hold up its repairs. Disposing waits for a running removal.
 */
export function startRemover(deps: { db: Database; removeOld(): Promise<void>; logger: Logger }): AsyncDisposable {
  return repeatSweeps({ sweep: () => tryWithLock(deps.db, 'removal', deps.removeOld), logger: deps.logger });
}
