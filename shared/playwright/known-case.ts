import type { TestCase, TestResult } from '@playwright/test/reporter';
import type { CaseAnnotation } from '#shared/run-cases.ts';
import type { TestError } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { errorsOf, type Source, unexpectedPass } from './errors.ts';
import { attemptStatus, caseStatus, decidingResult, didNotRun } from './statuses.ts';
import { annotationsOf } from './titles.ts';

/** An attempt of a case. */
export interface Place {
  /** Position of the script in a run of scripts. */
  position?: number;
  caseIndex: number;
  attempt: number;
}

/** A case of the run, and what was reported of it. */
export interface KnownCase {
  /** Index of the case in the run, or in its part. */
  index: number;
  /** Position of its script in a run of scripts. */
  position?: number;
  title: string;
  source: Source;
  /** Attempts that have begun and not ended. */
  open: Set<TestResult>;
  /** What the last event said. */
  sent: string;
}

export interface CaseState {
  status: TestStatus;
  attempt: number;
  flaky: boolean;
  /** Milliseconds of all attempts that have ended; null for a case that did not run. */
  duration: number | null;
  /** Of the attempt that decides, if the case has failed. */
  errors: TestError[];
  /** Null while an attempt runs: Playwright then has those of the one before. */
  annotations: CaseAnnotation[] | null;
}

/** The state of a case: while an attempt runs, and as Playwright counts the attempts that have ended. */
export function stateOf(testCase: TestCase, { open, source }: KnownCase, { isOver = false } = {}): CaseState {
  const isRunning = open.size > 0;
  const status = isRunning ? (isOver ? 'interrupted' : 'running') : caseStatus(testCase);
  const hasFailed = status === 'failed' || status === 'timed_out';
  return {
    status,
    attempt: testCase.results.at(-1)?.retry ?? 0,
    flaky: !isRunning && testCase.outcome() === 'flaky',
    duration: durationOf(testCase, open),
    errors: hasFailed ? failureOf(testCase, source) : [],
    annotations: isRunning ? null : annotationsOf(testCase.annotations),
  };
}

/** Whether this is another state than that of the last call. */
export function isNews(known: KnownCase, { status, attempt, flaky, duration }: CaseState): boolean {
  const sent = [status, attempt, flaky, duration].join();
  if (known.sent === sent) return false;
  known.sent = sent;
  return true;
}

/** The errors of a case that Playwright counts as failed. */
export function failureOf(testCase: TestCase, source: Source): TestError[] {
  const result = decidingResult(testCase);
  const isUnexpectedPass = result && attemptStatus(testCase, result) === 'failed' && result.status === 'passed';
  if (isUnexpectedPass) return [unexpectedPass(testCase)];
  return result ? errorsOf(result, source) : [];
}

function durationOf(testCase: TestCase, open: ReadonlySet<TestResult>): number | null {
  const ended = testCase.results.filter((result) => !open.has(result));
  if (ended.length === 0 || (open.size === 0 && didNotRun(testCase))) return null;
  return ended.reduce((sum, { duration }) => sum + Math.max(0, duration), 0);
}

export function lineOf({ location }: TestCase): number | null {
  return Number.isInteger(location.line) && location.line >= 0 ? location.line : null;
}
