import { isFailedTest, type TestStatus } from '#shared/run-status.ts';

interface Point {
  status: TestStatus;
  flaky: boolean;
  duration: number | null;
  /** Results with the same one can be compared; null: with none. */
  commit: string | null;
}

/**
 * What the results of a case, newest first, come to. Only those that passed or failed are judged. A result is flaky if the
 * case passed after a failed attempt, or if the result before it of the same commit was the other one. Rates are from 0 to
 * 1, and null without a judged result. `case-statistics.ts` computes the same in SQL.
 */
export function summarizeVerdicts(points: readonly Point[]) {
  const judged = points.filter(({ status }) => status === 'passed' || isFailedTest(status));
  const passed = judged.filter(({ status }) => status === 'passed');
  const flaky = findFlaky(judged);
  const durations = judged.flatMap(({ duration }) => duration ?? []).sort((a, b) => a - b);
  const rate = (part: readonly Point[]) => (judged.length === 0 ? null : part.length / judged.length);
  return {
    judged: judged.length,
    passed: passed.length,
    flaky: flaky.length,
    passRate: rate(passed),
    flakeRate: rate(flaky),
    medianDuration: durations[Math.floor(durations.length / 2)] ?? null,
  };
}

function findFlaky(judged: readonly Point[]): Point[] {
  const before = new Map<string, boolean>();
  return judged.toReversed().filter(({ status, flaky, commit }) => {
    const passes = status === 'passed';
    const differs = commit !== null && before.get(commit) === !passes;
    if (commit !== null) before.set(commit, passes);
    return flaky || differs;
  });
}
