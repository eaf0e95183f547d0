import type { RunSummary } from './events.ts';
import { isTerminal } from './run-status.ts';

type Counts = Pick<
  RunSummary,
  'status' | 'total' | 'passed' | 'failed' | 'skipped' | 'notRun' | 'flaky' | 'quarantined'
>;

/**
 * How a number of cases came out, everywhere in the same words: `2 of 40 failed`, `40 passed`, `12 of 40 done, 2 failed`.
 * `done`: those that have a result, whatever it is; left out once the run is over.
 */
export function verdictText({
  total,
  passed,
  failed,
  done,
}: Pick<Counts, 'total' | 'passed' | 'failed'> & { done?: number | undefined }): string {
  const of = (count: number) => `${count.toLocaleString()} of ${total.toLocaleString()}`;
  if (done !== undefined)
    return failed > 0 ? `${of(done)} done, ${failed.toLocaleString()} failed` : `${of(done)} done`;
  if (failed > 0) return `${of(failed)} failed`;
  return passed === total ? `${total.toLocaleString()} passed` : `${of(passed)} passed`;
}

/** The same of a run, with what is no failure: `2 of 40 failed, 1 flaky`. */
export function progressText(run: Counts): string {
  const { total, passed, failed, notRun, flaky, quarantined } = run;
  const skipped = run.skipped - notRun;
  const done = isTerminal(run.status) ? undefined : passed + failed + quarantined + skipped;
  return [
    done === undefined && notRun === total ? 'None ran' : verdictText({ total, passed, failed, done }),
    quarantined > 0 && `${quarantined} failed in quarantine`,
    flaky > 0 && `${flaky} flaky`,
    skipped > 0 && `${skipped} skipped`,
    notRun > 0 && notRun < total && `${notRun} not run`,
  ]
    .filter(Boolean)
    .join(', ');
}
