import type { TestError } from '#shared/events.ts';
import type { RunErrorCode } from '#shared/run-error-code.ts';
import type { RunStatus, TestStatus } from '#shared/run-status.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { type Excess, findLimitInError } from '#server/execution/sandbox/run-limits.ts';

export interface TestOutcome {
  position: number;
  status: TestStatus;
  flaky: boolean;
  durationMs: number | null;
  error: TestError | null;
}

/** What is known of a run when its processes are gone. */
export interface Evidence {
  /** Why it was stopped from outside, if it was. */
  stopped: 'cancelled' | 'timed_out' | 'shutdown' | Excess | undefined;
  timeoutMs: number;
  names: readonly string[];
  tests: readonly TestOutcome[];
  /** Playwright tests in each script; undefined if Playwright did not get that far. */
  cases: readonly number[] | undefined;
  /** Scripts that hold no test because another one uses `test.only`. */
  leftOut: readonly number[];
  faults: readonly { position: number | null; error: TestError }[];
  /** Scripts that ended the process in which they ran. */
  crashes: readonly { position: number; how: string }[];
  limits: RunLimits;
  /** Playwright's own verdict; undefined if it never gave one. */
  reported: string | undefined;
  exit: { code: number | null; signal: NodeJS.Signals | null };
  /** The last lines that Playwright printed itself. */
  lastWords: string;
}

export interface Verdict {
  status: Exclude<RunStatus, 'queued' | 'running'>;
  errorCode: RunErrorCode | null;
  errorDetails: string | null;
}

/** Stands for Playwright's own message, whose advice does not fit a server. */
export const noBrowser =
  'This test needs a browser and the worker has none: run `npx playwright install chromium` there, or set BROWSER_PATH to a Chromium or Chrome.';

/** The verdict on a run. Only a run about which nothing at all is unclear has `passed`. */
export function judge(evidence: Evidence): Verdict {
  const { stopped, tests, cases, faults, crashes, reported, exit, names } = evidence;
  const error = (errorCode: RunErrorCode, errorDetails: string): Verdict => ({
    status: 'error',
    errorCode,
    errorDetails,
  });
  const nameOf = (position: number) => `"${names[position] ?? position}"`;

  if (stopped === 'cancelled') return { status: 'cancelled', errorCode: null, errorDetails: null };
  if (stopped === 'timed_out')
    return {
      status: 'timed_out',
      errorCode: 'run_timeout',
      errorDetails: `The run took longer than ${seconds(evidence.timeoutMs)} and was ended.`,
    };
  if (stopped === 'shutdown')
    return error('worker_stopped', 'The worker was stopped before the run was over. Run it again.');

  if (stopped !== undefined) return error(stopped.code, stopped.details);

  const [fault] = faults;
  if (fault) {
    const text = fault.error.snippet ? `${fault.error.message}\n\n${fault.error.snippet}` : fault.error.message;
    const isNamed = fault.position === null || names.length === 1 || text.includes(names[fault.position]!);
    return error('script_error', isNamed ? text : `${nameOf(fault.position!)}: ${text}`);
  }
  const [crash] = crashes;
  if (crash) {
    // V8 aborts when its heap is full.
    const isMemory = crash.how.includes('SIGABRT');
    const cause = isMemory
      ? `ran out of memory (${evidence.limits.heapMb} MB)`
      : 'ended the process that ran it, by process.exit or a signal';
    return error(
      isMemory ? 'out_of_memory' : 'script_crashed',
      `${crash.position === -1 ? 'A script' : nameOf(crash.position)} ${cause}.`,
    );
  }
  if (reported === undefined || cases === undefined) {
    const how = exit.signal === null ? `exit code ${exit.code}` : exit.signal;
    return error(
      'runner_crashed',
      `Playwright ended without a verdict (${how}).${evidence.lastWords === '' ? '' : `\n${evidence.lastWords}`}`,
    );
  }
  const empty = cases.findIndex((count) => count === 0);
  if (empty !== -1)
    return error(
      'no_tests',
      evidence.leftOut.includes(empty)
        ? `${nameOf(empty)} did not run, because another test of the job uses test.only: remove that.`
        : `${nameOf(empty)} holds no test: write at least one test('…', async ({ page }) => { … }).`,
    );

  const failure = tests.find(({ status }) => status === 'failed' || status === 'timed_out');
  if (failure?.error?.message === noBrowser) return error('no_browser', noBrowser);
  if (failure) {
    const message = failure.error?.message ?? `${nameOf(failure.position)} failed.`;
    const limit = findLimitInError(message, evidence.limits);
    return {
      status: 'failed',
      errorCode: limit?.code ?? null,
      errorDetails: limit ? `${message}\n\n${limit.details}` : message,
    };
  }
  const done = tests.every(({ status }) => status === 'passed' || status === 'skipped');
  if (done && reported === 'passed' && exit.code === 0)
    return { status: 'passed', errorCode: null, errorDetails: null };
  return error(
    'unclear',
    `Playwright said "${reported}" and ended with code ${exit.code}, which does not fit what its tests did.`,
  );
}

function seconds(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${ms / 1_000} s`;
}
