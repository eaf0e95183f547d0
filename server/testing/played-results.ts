import { isFailedTest, type TestStatus } from '#shared/run-status.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import type { Services } from '#server/open-services.ts';

/** A case with its title and result. */
export interface PlayedCase {
  title: string;
  status: TestStatus;
  flaky?: boolean;
  duration?: number;
  error?: string;
}

/** Plays a worker that executes a run of one script with these cases and results. The run fails if one of them fails. */
export async function playCases(services: Services, runId: string, cases: readonly PlayedCase[]) {
  const listed = cases.map(({ title }) => ({
    position: 0,
    project: '',
    file: '',
    titlePath: title.split(' › '),
    line: 1,
    tags: [],
    annotations: [],
  }));
  await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  await commitRun(services, runId, { from: ['running'], listed: { part: 0, cases: listed } });
  const failed = cases.some(({ status }) => isFailedTest(status));
  return commitRun(services, runId, {
    from: ['running'],
    to: failed ? 'failed' : 'passed',
    ...(failed && { errorDetails: cases.find(({ error }) => error !== undefined)?.error ?? 'A case failed' }),
    events: cases.map(({ title, status, flaky = false, duration = 10, error }, index) => ({
      type: 'case',
      index,
      caseId: '',
      part: 0,
      position: 0,
      project: '',
      file: '',
      title,
      line: 1,
      status,
      attempt: flaky ? 1 : 0,
      flaky,
      quarantined: false,
      duration,
      error: error === undefined ? null : { message: error },
    })),
  });
}
