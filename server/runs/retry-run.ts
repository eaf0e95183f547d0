import { isTerminal } from '#shared/run-status.ts';
import { AppError } from '#server/errors.ts';
import { getRun } from './queries.ts';
import { findFrozenTests, type RunStarter, startRun } from './start-run.ts';

/** Queues a run of exactly what an earlier run ran. Throws NOT_FOUND, and CONFLICT while that run is not over. */
export async function retryRun(
  starter: RunStarter,
  { projectId, runId }: { projectId: string; runId: string },
): Promise<{ runId: string }> {
  const run = await getRun(starter.db, projectId, runId);
  if (!isTerminal(run.status))
    throw new AppError(
      'CONFLICT',
      `The run is still ${run.status}; cancel it or wait for its end before running it again.`,
    );
  const tests = await findFrozenTests(starter.db, runId);
  return startRun(starter, {
    projectId,
    kind: run.kind,
    sourceId: run.testId ?? run.jobId!,
    name: run.name,
    trigger: 'retry',
    retryOf: run.id,
    timeoutMs: run.timeoutMs,
    tests: tests.map(({ testId, name, script }) => ({ testId, name, script })),
  });
}
