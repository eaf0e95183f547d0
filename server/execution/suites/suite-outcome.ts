import type { RunErrorCode } from '#shared/run-error-code.ts';
import type { Exit } from '#server/execution/sandbox/start-process.ts';
import type { ReportedEnd } from './follow-reporter.ts';
import type { StopReason } from '#server/execution/playwright/run-outcome.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';

export interface SuiteOutcome {
  /** Playwright's own, or what it comes to. */
  status: ReportedEnd['status'];
  /** Null: Playwright's status says it all, or the suite was cancelled. */
  code: RunErrorCode | null;
  details: string | null;
  /** File of the HTML report, if there is one. */
  report: string | null;
  /** What is missing in the report, in words. */
  undelivered: string | null;
}

/** The outcome of a suite once its Playwright has ended. It has passed only if nothing contradicts that. */
export function outcomeOfEnd(options: {
  end: ReportedEnd | undefined;
  /** The reporter has said anything. */
  hasBegun: boolean;
  exit: Exit;
  /** The end of what Playwright printed. */
  output: string;
}): SuiteOutcome {
  const { end, hasBegun, exit, output } = options;
  const printed = output === '' ? '' : `\n${output}`;
  if (end === undefined) {
    const how = exit.cause ?? (exit.signal === null ? `exit code ${exit.code}` : exit.signal);
    return hasBegun
      ? outcome('failed', 'runner_crashed', `Playwright ended without a verdict (${how}).${printed}`)
      : outcome('failed', 'script_error', `Playwright ended before it began (${how}).${printed}`);
  }
  const { report, undelivered = null } = end;
  // Another reporter or the end of the process can fail a run although all its cases have passed.
  if (end.status === 'passed' && exit.code !== 0)
    return {
      ...outcome('failed', 'unclear', `All cases passed, and Playwright ended with exit code ${exit.code}.${printed}`),
      report,
      undelivered,
    };
  return { ...outcome(end.status, null, null), report, undelivered };
}

/** The outcome of a suite that was stopped. */
export function outcomeOfStop(why: StopReason | Excess, timeoutMs: number): SuiteOutcome {
  switch (why) {
    case 'cancelled':
      return outcome('interrupted', null, null);
    case 'timed_out': {
      const limit = timeoutMs >= 120_000 ? `${Math.round(timeoutMs / 60_000)} minutes` : `${timeoutMs / 1_000} s`;
      return outcome('interrupted', 'run_timeout', `The run took longer than ${limit} and was stopped.`);
    }
    case 'shutdown':
      return outcome('interrupted', 'worker_stopped', 'The worker was stopped before the run ended. Run it again.');
    default:
      return outcome('interrupted', why.code, why.details);
  }
}

export function outcome(
  status: ReportedEnd['status'],
  code: RunErrorCode | null,
  details: string | null,
): SuiteOutcome {
  return { status, code, details, report: null, undelivered: null };
}
