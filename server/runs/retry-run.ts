import { isTerminal, isUnsuccessfulTest } from '#shared/run-status.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { getRun } from './queries.ts';
import { findFrozenTests, type RunStarter, startRun } from './start-run.ts';

/**
 * Queues a run of the same scripts as an earlier run, or of those that did not succeed. Throws NOT_FOUND, and CONFLICT
 * when the earlier run is not over or `failedOnly` leaves no test.
 */
export async function retryRun(
  starter: RunStarter,
  actor: Actor,
  { runId, failedOnly = false }: { runId: string; failedOnly?: boolean | undefined },
): Promise<{ runId: string }> {
  const run = await getRun(starter.db, actor.projectId, runId);
  if (!isTerminal(run.status))
    throw new AppError(
      'CONFLICT',
      `The run is still ${run.status}. Cancel it or wait for it to end before running it again.`,
    );
  if (run.kind === 'suite')
    throw new AppError('CONFLICT', 'The run was reported from elsewhere: run its suite again there.');
  const all = await findFrozenTests(starter.db, runId);
  const tests = failedOnly ? all.filter(({ status }) => isUnsuccessfulTest(status)) : all;
  if (tests.length === 0)
    throw new AppError('CONFLICT', 'No test of the run failed, so there is nothing to run again.');
  return startRun(starter, actor, {
    kind: run.kind,
    sourceId: run.testId ?? run.jobId!,
    name: nameOf(run.name, tests, all),
    trigger: 'retry',
    retryOf: run.id,
    timeoutMs: run.timeoutMs,
    tests: tests.map(({ testId, name, script, settings }) => ({ testId, name, script, settings })),
  });
}

const longestName = 200;

/** A run of some tests of a job says which: lists would take it for a run of all. */
function nameOf(name: string, tests: readonly { name: string }[], all: readonly unknown[]): string {
  if (tests.length === all.length) return name;
  const some = tests.length === 1 ? tests[0]!.name : `${tests.length} of ${all.length} tests`;
  const ofJob = name.replace(partOfJob, '');
  return `${ofJob} › ${some}`.slice(0, longestName).toWellFormed();
}

/** What the retry of a part of a job added to the name. */
const partOfJob = / › (\d+ of \d+ tests)$/;
