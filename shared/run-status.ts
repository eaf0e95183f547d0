/**
 * The life of a run. `failed`: an assertion did not hold. `error`: the run could not be judged (infrastructure, a
 * script that does not load). Every terminal status is final. Its schema is in `run-status-schema.ts`, so that what only
 * needs the names, as the client does, comes without zod.
 */
export const runStatuses = ['queued', 'running', 'passed', 'failed', 'error', 'cancelled', 'timed_out'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** What a stream may say of a run; `waiting` means that there is nothing to report yet. It is never stored. */
export const streamStatuses = ['waiting', ...runStatuses] as const;
export type StreamStatus = (typeof streamStatuses)[number];

/** One test inside a run. `interrupted`: the run ended before the test did. */
export const testStatuses = ['pending', 'running', 'passed', 'failed', 'timed_out', 'skipped', 'interrupted'] as const;
export type TestStatus = (typeof testStatuses)[number];

const terminal: ReadonlySet<string> = new Set<RunStatus>(['passed', 'failed', 'error', 'cancelled', 'timed_out']);

/** Statuses from which a run may still move. */
export const liveStatuses = ['queued', 'running'] as const satisfies readonly RunStatus[];

/** True for a status that nothing follows: the run is over and its row will not change again. */
export function isTerminal(status: StreamStatus): boolean {
  return terminal.has(status);
}

/** True for the only verdict that means "all tests passed". */
export function isSuccess(status: StreamStatus): boolean {
  return status === 'passed';
}

/** True for every verdict that says or may mean that something is wrong; false for what was cancelled or is not over. */
export function isFailure(status: StreamStatus): boolean {
  return isTerminal(status) && !isSuccess(status) && status !== 'cancelled';
}
