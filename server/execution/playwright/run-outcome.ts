import { noBrowser } from './browser.ts';
import type { TestError } from '#shared/events.ts';
import type { RunErrorCode } from '#shared/run-error-code.ts';
import type { RunStatus, TestStatus } from '#shared/run-status.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import type { Exit } from '#server/execution/sandbox/start-process.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';
import { limitOfError } from '#server/execution/sandbox/limit-of-error.ts';

export interface TestOutcome {
  position: number;
  status: TestStatus;
  flaky: boolean;
  durationMs: number | null;
  error: TestError | null;
}

/** What scripts can fail with besides their cases, and why cases fail where that is no failed assertion. */
export interface Causes {
  /** Errors outside of any case. */
  faults: { position: number | null; error: TestError }[];
  /** Scripts that fail because the process in which they ran has ended; null for an unknown script. */
  crashes: { position: number | null; code: number | null; signal: string | null }[];
  /** Scripts that fail because the worker has no browser. */
  withoutBrowser: Set<number>;
  /** By script: the failed call of the operating system with which it fails. */
  refusals: Map<number, { code: string; syscall: string }>;
}

export type StopReason = 'cancelled' | 'timed_out' | 'shutdown';

/** What is known of a run when its processes have ended. */
export interface RunFacts extends Readonly<Causes> {
  /** Why Runlight stopped the run, if it did. */
  stopped: StopReason | Excess | undefined;
  timeoutMs: number;
  names: readonly string[];
  tests: readonly TestOutcome[];
  /** The number of cases in each script; undefined if Playwright did not load the scripts. */
  cases: readonly number[] | undefined;
  /** Scripts without cases because another one uses `test.only`. */
  leftOut: readonly number[];
  /** Says that cases that were chosen do not exist. */
  missing?: string | undefined;
  limits: RunLimits;
  /** Playwright's own status of the run; undefined if it did not report one. */
  reported: string | undefined;
  exit: Exit;
  /** The end of Playwright's own output. */
  lastOutput: string;
}

export interface RunOutcome {
  status: Exclude<RunStatus, 'queued' | 'running'>;
  errorCode: RunErrorCode | null;
  errorDetails: string | null;
}

/** The outcome of a run. It is `passed` only if no fact contradicts that. */
export function decideOutcome(facts: RunFacts): RunOutcome {
  const { stopped, tests, cases, faults, crashes, reported, exit, names } = facts;
  const nameOf = (position: number) => `"${names[position] ?? position}"`;

  if (stopped !== undefined) return outcomeOfStop(stopped, facts.timeoutMs);
  const [fault] = faults;
  if (fault) {
    const text = fault.error.snippet ? `${fault.error.message}\n\n${fault.error.snippet}` : fault.error.message;
    const isNamed = fault.position === null || names.length === 1 || text.includes(names[fault.position]!);
    const details = isNamed ? text : `${nameOf(fault.position!)}: ${text}`;
    return error(facts.withoutBrowser.has(fault.position ?? -1) ? 'no_browser' : 'script_error', details);
  }
  const [crash] = crashes;
  if (crash) {
    const script = crash.position === null ? 'A script' : nameOf(crash.position);
    // V8 aborts when its heap is full.
    return crash.signal === 'SIGABRT'
      ? error('out_of_memory', `${script} ran out of memory (${facts.limits.heapMb} MB): see RUN_MAX_HEAP_MB.`)
      : error('script_crashed', `${script} ended the process that ran it, by process.exit or a signal.`);
  }
  if (reported === undefined || cases === undefined) {
    const how = exit.signal === null ? `exit code ${exit.code}` : exit.signal;
    const output = facts.lastOutput === '' ? '' : `\n${facts.lastOutput}`;
    return error('runner_crashed', `Playwright ended without a verdict (${how}).${output}`);
  }
  const empty = cases.findIndex((count) => count === 0);
  if (empty !== -1 && facts.missing) return error('no_tests', facts.missing);
  if (empty !== -1)
    return error(
      'no_tests',
      facts.leftOut.includes(empty)
        ? `${nameOf(empty)} did not run, because another test of the job uses test.only: remove that.`
        : `${nameOf(empty)} holds no test: write at least one test('…', async ({ page }) => { … }).`,
    );
  const failure = tests.find(({ status }) => status === 'failed' || status === 'timed_out');
  if (failure && facts.withoutBrowser.has(failure.position)) return error('no_browser', noBrowser);
  if (failure) {
    const message = failure.error?.message ?? `${nameOf(failure.position)} failed.`;
    const refusal = facts.refusals.get(failure.position);
    const limit = refusal && limitOfError(refusal, facts.limits);
    return {
      status: 'failed',
      errorCode: limit?.code ?? null,
      errorDetails: limit ? `${message}\n\n${limit.details}` : message,
    };
  }
  if (facts.missing) return error('no_tests', facts.missing);
  const allDone = tests.every(({ status }) => status === 'passed' || status === 'skipped');
  if (allDone && reported === 'passed' && exit.code === 0)
    return { status: 'passed', errorCode: null, errorDetails: null };
  return error(
    'unclear',
    `Playwright reported "${reported}" and ended with exit code ${exit.code}, which contradicts the results of its tests. Run it again.`,
  );
}

function outcomeOfStop(stopped: NonNullable<RunFacts['stopped']>, timeoutMs: number): RunOutcome {
  switch (stopped) {
    case 'cancelled':
      return { status: 'cancelled', errorCode: null, errorDetails: null };
    case 'timed_out':
      return {
        status: 'timed_out',
        errorCode: 'run_timeout',
        errorDetails: `The run took longer than ${formatTimeout(timeoutMs)} and was stopped.`,
      };
    case 'shutdown':
      return error('worker_stopped', 'The worker was stopped before the run ended. Run it again.');
    default:
      return error(stopped.code, stopped.details);
  }
}

function error(errorCode: RunErrorCode, errorDetails: string): RunOutcome {
  return { status: 'error', errorCode, errorDetails };
}

function formatTimeout(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${ms / 1_000} s`;
}
