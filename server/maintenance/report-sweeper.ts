import { tryWithLock } from '#server/db/advisory-locks.ts';
import { sweepReports } from '#server/reports/sweep-reports.ts';
import type { Logger } from '#server/lib/logger.ts';
import type { RunWriter } from '#server/runs/commit-run.ts';
import { repeatSweeps } from './repeat-sweeps.ts';

/**
 * Ends reported parts that are lost, every 5 s and in one process at a time. For processes that answer requests: reporters
 * are silent while there is none. Disposing waits for a running sweep.
 */
export function startReportSweeper(deps: RunWriter & { partsTimeoutMs: number; logger: Logger }): AsyncDisposable {
  const { partsTimeoutMs, logger } = deps;
  return repeatSweeps({
    sweep: (trustedMs) => tryWithLock(deps.db, 'reports', () => sweepReports(deps, { trustedMs, partsTimeoutMs })),
    logger,
  });
}
