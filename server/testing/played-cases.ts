import type { RunEventBody, TestError } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { begin, queueTest } from './played-worker.ts';
import type { TestSystem } from './resources.ts';

type CaseEvent = Extract<RunEventBody, { type: 'case' }>;

/** A case of the first script of a run, as Playwright lists it. */
export function listedCase(title: string, more: Partial<ListedCase> = {}): ListedCase {
  return {
    position: 0,
    project: '',
    file: '',
    titlePath: title.split(' › '),
    line: 3,
    tags: [],
    annotations: [],
    ...more,
  };
}

/** A new state of a case, as a worker reports it. */
export function caseEvent(index: number, status: TestStatus, more: Partial<CaseEvent> = {}): CaseEvent {
  return {
    type: 'case',
    index,
    caseId: '',
    part: 0,
    project: '',
    file: '',
    title: '',
    status,
    attempt: 0,
    flaky: false,
    quarantined: false,
    duration: status === 'running' || status === 'pending' ? null : 10 + index,
    error: null,
    ...more,
  };
}

/** The end of an attempt that failed. */
export function failedCase(index: number, message: string, more: Partial<CaseEvent> = {}): CaseEvent {
  const error: TestError = { message, snippet: null, line: 7, column: 3 };
  return caseEvent(index, 'failed', { error, errors: [error], ...more });
}

/** Queues a run of a new test and plays a worker that has begun it and listed these cases. */
export async function beginWithCases(app: TestSystem, cases: readonly ListedCase[]) {
  const { runId, testId } = await queueTest(app);
  await begin(app, runId);
  await commitRun(app.services, runId, { from: ['running'], listed: { part: 0, cases } });
  return { runId, testId };
}

/** Plays a worker that reports these entries. */
export const report = (app: TestSystem, runId: string, events: readonly RunEventBody[]) =>
  commitRun(app.services, runId, { from: ['running'], events });

/** Plays a worker that ends the run. */
export const end = (app: TestSystem, runId: string, to: 'passed' | 'failed' | 'timed_out' = 'passed') =>
  commitRun(app.services, runId, { from: ['running'], to });
