import type { RunTrigger } from '#shared/events.ts';
import { mergeSettings } from '#shared/test-settings.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { getProjectSettings } from '#server/projects/settings.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { startRun } from '#server/runs/start-run.ts';
import { findJobTests, getActiveJob } from './queries.ts';

/** Queues a run of the job's current tests. Throws NOT_FOUND, CONFLICT when the job is archived, and as `startRun`. */
export async function runJob(
  starter: RunStarter,
  actor: Actor,
  request: { jobId: string; trigger: RunTrigger; idempotencyKey?: string | undefined },
): Promise<{ runId: string }> {
  const { jobId, trigger, idempotencyKey } = request;
  const job = await getActiveJob(starter.db, actor.projectId, jobId);
  const tests = await findJobTests(starter.db, jobId);
  if (tests.length === 0) throw new AppError('BAD_REQUEST', `The job "${job.name}" has no tests.`, { field: 'jobId' });
  const defaults = await getProjectSettings(starter.db, actor.projectId);
  return startRun(starter, actor, {
    kind: 'job',
    sourceId: jobId,
    name: job.name,
    trigger,
    idempotencyKey: idempotencyKey ?? null,
    timeoutMs: job.timeoutMs,
    tests: tests.map(({ id, name, script, settings }) => ({
      testId: id,
      name,
      script,
      settings: mergeSettings(defaults, settings),
    })),
  });
}
