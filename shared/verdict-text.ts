import type { RunSummary } from './events.ts';
import { isTerminal } from './run-status.ts';

/** How a run came out, and its cases. */
export type RunCounts = Pick<
  RunSummary,
  'status' | 'total' | 'passed' | 'failed' | 'skipped' | 'notRun' | 'flaky' | 'quarantined'
> &
  Partial<Pick<RunSummary, 'errorCode'>>;

/**
 * How a number of cases came out, everywhere in the same words: `2 of 40 failed`, `40 passed`, `12 of 40 done, 2 failed`.
 * `done`: those that have a result, whatever it is; left out once the run is over.
 */
export function verdictText({
  total,
  passed,
  failed,
  done,
}: Pick<RunCounts, 'total' | 'passed' | 'failed'> & { done?: number | undefined }): string {
  const of = (count: number) => `${count.toLocaleString()} of ${total.toLocaleString()}`;
  if (done !== undefined)
    return failed > 0 ? `${of(done)} done, ${failed.toLocaleString()} failed` : `${of(done)} done`;
  if (failed > 0) return `${of(failed)} failed`;
  return passed === total ? `${total.toLocaleString()} passed` : `${of(passed)} passed`;
}

/** Why no test of a run began, where a code says it. */
const reasons: Record<string, string> = {
  fetch_failed: 'the suite could not be fetched from git',
  install_failed: 'the install failed',
  bundle_gone: 'the bundle was deleted',
  worker_lost: 'the worker was lost',
  reporter_lost: 'the reporter was lost',
  no_tests: 'none was found',
  no_browser: 'a browser is missing',
  run_timeout: 'the time was up',
};

/** Of a run that ended before any test began: `No test began: the install failed`. */
export function nothingRanText({ status, errorCode }: Pick<RunCounts, 'status' | 'errorCode'>): string {
  const reason = (errorCode && reasons[errorCode]) ?? (status === 'cancelled' ? 'cancelled' : undefined);
  return reason === undefined ? 'No test began' : `No test began: ${reason}`;
}

/** The same of a run. */
export function verdictOf(run: RunCounts): string {
  const { total, passed, failed, quarantined, skipped, notRun } = run;
  if (!isTerminal(run.status))
    return verdictText({ total, passed, failed, done: passed + failed + quarantined + skipped - notRun });
  return notRun === total ? nothingRanText(run) : verdictText({ total, passed, failed });
}

/** The same, with what is no failure: `2 of 40 failed, 1 flaky`. */
export function progressText(run: RunCounts): string {
  const { total, notRun, flaky, quarantined } = run;
  const skipped = run.skipped - notRun;
  return [
    verdictOf(run),
    quarantined > 0 && `${quarantined} failed in quarantine`,
    flaky > 0 && `${flaky} flaky`,
    skipped > 0 && `${skipped} skipped`,
    notRun > 0 && notRun < total && `${notRun} not run`,
  ]
    .filter(Boolean)
    .join(', ');
}
