/**
 * Statuses of a run. `failed`: an assertion did not hold. `error`: the run gave no verdict, for example because a worker
 * was lost or a script does not load. The zod schemas are in `run-status-schema.ts`, so that the client can import these
 * names without zod.
 */
export const runStatuses = ['queued', 'running', 'passed', 'failed', 'error', 'cancelled', 'timed_out'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Statuses in a stream. `waiting`: there is no run yet; it is never stored. */
export const streamStatuses = ['waiting', ...runStatuses] as const;
export type StreamStatus = (typeof streamStatuses)[number];

/** Statuses of one test inside a run. `interrupted`: the run ended before the test did. */
export const testStatuses = ['pending', 'running', 'passed', 'failed', 'timed_out', 'skipped', 'interrupted'] as const;
export type TestStatus = (typeof testStatuses)[number];

/** A run with one of these statuses may still change. */
export const liveStatuses = ['queued', 'running'] as const satisfies readonly RunStatus[];

/** A run with one of these statuses has a result for each of its tests, which a later run can be compared with. */
export const comparableStatuses = ['passed', 'failed', 'timed_out'] as const satisfies readonly RunStatus[];

/** A test with one of these statuses has not ended. */
export const liveTestStatuses = ['pending', 'running'] as const satisfies readonly TestStatus[];

/** A test with one of these statuses has failed by itself; the end of the run did not interrupt it. */
export const failedTestStatuses = ['failed', 'timed_out'] as const satisfies readonly TestStatus[];

/** A test with one of these statuses has failed, or the end of the run interrupted it. */
export const unsuccessfulTestStatuses = [...failedTestStatuses, 'interrupted'] as const satisfies readonly TestStatus[];

const includes = <T extends string>(statuses: readonly T[], status: string) => statuses.some((it) => it === status);

/** True when the run is over: its row does not change again. */
export function isTerminal(status: StreamStatus): boolean {
  return includes(runStatuses, status) && !includes(liveStatuses, status);
}

/** True when all tests passed. */
export function isSuccess(status: StreamStatus): boolean {
  return status === 'passed';
}

/** True when the run is over and something is or may be wrong. A cancelled run is no failure. */
export function isFailure(status: StreamStatus): boolean {
  return isTerminal(status) && !isSuccess(status) && status !== 'cancelled';
}

/** True when the test has not ended. */
export function isLiveTest(status: TestStatus): boolean {
  return includes(liveTestStatuses, status);
}

/** True when the test failed or timed out. */
export function isFailedTest(status: TestStatus): boolean {
  return includes(failedTestStatuses, status);
}

/** True when the test failed, timed out or was interrupted. */
export function isUnsuccessfulTest(status: TestStatus): boolean {
  return includes(unsuccessfulTestStatuses, status);
}
