import { z } from 'zod';

/**
 * The life of a run. `failed`: an assertion did not hold. `error`: the run could not be judged (infrastructure, a
 * script that does not load). Every terminal status is final.
 */
export const runStatus = z.enum(['queued', 'running', 'passed', 'failed', 'error', 'cancelled', 'timed_out']);
export type RunStatus = z.infer<typeof runStatus>;

/** What a stream may say of a run; `waiting` means that there is nothing to report yet. It is never stored. */
export const streamStatus = z.enum(['waiting', ...runStatus.options]);
export type StreamStatus = z.infer<typeof streamStatus>;

/** One test inside a run. `interrupted`: the run ended before the test did. */
export const testStatus = z.enum(['pending', 'running', 'passed', 'failed', 'timed_out', 'skipped', 'interrupted']);
export type TestStatus = z.infer<typeof testStatus>;

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

/**
 * A status as outside publishers write it: any letter case, and `completed` for `passed`.
 * The alias ends here; it is never stored nor sent on.
 */
export const externalStatus = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  const status = value.trim().toLowerCase();
  return status === 'completed' ? 'passed' : status;
}, streamStatus);
