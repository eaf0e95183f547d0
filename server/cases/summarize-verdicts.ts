import { isFailedTest, type TestStatus } from '#shared/run-status.ts';

interface Point {
  status: TestStatus;
  flaky: boolean;
  duration: number | null;
  /** Results with the same one can be compared; null: with none. */
  commit: string | null;
}

/**
 * What the results of a case come to. Only those that passed or failed are judged. A result is flaky if the case passed
 * after a failed attempt, or failed where another run of the same commit passed. Rates are from 0 to 1, and null without
 * a judged result. `case-statistics.ts` computes the same in SQL.
 */
export function summarizeVerdicts(points: readonly Point[]) {
  const judged = points.filter(({ status }) => status === 'passed' || isFailedTest(status));
  const passed = judged.filter(({ status }) => status === 'passed');
  const passedCommits = new Set(passed.flatMap(({ commit }) => commit ?? []));
  const flaky = judged.filter(
    ({ status, flaky, commit }) => flaky || (isFailedTest(status) && commit !== null && passedCommits.has(commit)),
  );
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
