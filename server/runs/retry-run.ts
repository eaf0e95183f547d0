import { isTerminal, type TestStatus } from '#shared/run-status.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { getRun } from './queries.ts';
import { findFrozenTests, type RunStarter, startRun } from './start-run.ts';

/** How a test of a finished run ends that is run again when only failures are. */
const unsuccessful: ReadonlySet<TestStatus> = new Set(['failed', 'timed_out', 'interrupted']);

/**
 * Queues a run of exactly what an earlier run ran, or of those of its tests that did not succeed. Throws NOT_FOUND, and
 * CONFLICT while that run is not over or when none of its tests failed.
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
      `The run is still ${run.status}; cancel it or wait for its end before running it again.`,
    );
  const all = await findFrozenTests(starter.db, runId);
  const tests = failedOnly ? all.filter(({ status }) => unsuccessful.has(status)) : all;
  if (tests.length === 0) throw new AppError('CONFLICT', 'No test of the run failed; there is nothing to run again.');
  return startRun(starter, actor, {
    kind: run.kind,
    sourceId: run.testId ?? run.jobId!,
    name: run.name,
    trigger: 'retry',
    retryOf: run.id,
    timeoutMs: run.timeoutMs,
    tests: tests.map(({ testId, name, script }) => ({ testId, name, script })),
  });
}
