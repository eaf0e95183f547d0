import type { Verdict } from './events.ts';
import { isFailure, isSuccess } from './run-status.ts';

/**
 * What a history comes to. `passRate` is the part of the judged runs that passed, 0 to 1; runs that were cancelled or are
 * not over do not count. `medianDuration` is milliseconds of the judged ones. Null: none was judged.
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
