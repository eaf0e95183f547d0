import type { RunErrorCode } from '#shared/run-error-code.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { RefusedError, RunlightError, UnreachableError } from '#sdk/client/errors.ts';
import { CliError } from './cli-error.ts';

/** What the command's exit code says; `docs/cli.md` explains each. */
export const exitCodes = {
  passed: 0,
  failed: 1,
  notAllowed: 2,
  wrongUse: 3,
  runlightFailed: 4,
  timedOut: 5,
  cancelled: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Reasons of a run without a verdict that lie with Runlight and its workers; all others lie with the tests or their reporter. */
const faultsOfRunlight: readonly RunErrorCode[] = [
  'worker_lost',
  'worker_stopped',
  'runner_crashed',
  'execution_failed',
  'port_taken',
  'variables_unreadable',
  'unclear',
];

/** Of a run that is over. */
export function exitCodeOfRun({ status, errorCode }: Pick<Run, 'status' | 'errorCode'>): ExitCode {
  switch (status) {
    case 'passed':
      return exitCodes.passed;
    case 'failed':
      return exitCodes.failed;
    case 'timed_out':
      return exitCodes.timedOut;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'error':
      if (errorCode === 'run_timeout') return exitCodes.timedOut;
      return faultsOfRunlight.some((code) => code === errorCode) ? exitCodes.runlightFailed : exitCodes.failed;
    case 'queued':
    case 'running':
      return exitCodes.runlightFailed;
  }
}

/** Refusals that say that Runlight cannot do it now, not that the caller did something wrong. */
const transientRefusals = new Set(['TOO_MANY_REQUESTS', 'TIMEOUT', 'CLIENT_CLOSED_REQUEST']);

export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof UnreachableError) return exitCodes.runlightFailed;
  if (error instanceof RefusedError) {
    if (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN') return exitCodes.notAllowed;
    return error.status >= 500 || transientRefusals.has(error.code) ? exitCodes.runlightFailed : exitCodes.wrongUse;
  }
  if (error instanceof RunlightError && error.code === 'INVALID_OPTIONS') return exitCodes.wrongUse;
  return exitCodes.runlightFailed;
}
