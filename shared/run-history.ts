import type { RunSummary, Verdict } from './events.ts';
import { isFailure, isSuccess } from './run-status.ts';

/**
 * False for a run of some cases alone, and for a retry that was cancelled: the run before it still says how the test or job
 * does.
 */
export function isInHistory({ status, retryOf, partial }: Pick<RunSummary, 'status' | 'retryOf' | 'partial'>): boolean {
  return !partial && (status !== 'cancelled' || retryOf === null);
}

/**
 * Summary of a history. Runs that were cancelled or are not over are not judged and do not count. `passRate` (0 to 1) and
 * `medianDuration` (ms) are over the judged runs, and null if there is none.
 */
export function summarizeHistory(verdicts: readonly Pick<Verdict, 'status' | 'duration'>[]): {
  judged: number;
  passed: number;
  passRate: number | null;
  medianDuration: number | null;
} {
  const judged = verdicts.filter(({ status }) => isSuccess(status) || isFailure(status));
  const passed = judged.filter(({ status }) => isSuccess(status)).length;
  const durations = judged.flatMap(({ duration }) => duration ?? []).sort((a, b) => a - b);
  return {
    judged: judged.length,
    passed,
    passRate: judged.length === 0 ? null : passed / judged.length,
    medianDuration: durations[Math.floor(durations.length / 2)] ?? null,
  };
}
