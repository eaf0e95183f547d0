import type { CommitInput } from '#shared/commit-input.ts';
import type { RunTrigger } from '#shared/events.ts';
import type { SuiteToRun } from '#shared/suites.ts';
import { mergeSettings } from '#shared/test-settings.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { getProjectSettings } from '#server/projects/settings.ts';
import { columnsOfCommit } from '#server/runs/commit-columns.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { NoBundleError } from '#server/runs/no-bundle-error.ts';
import { startRun } from '#server/runs/start-run.ts';
import { runSuite } from '#server/suites/run-suite.ts';
import { findJobTests } from './job-content.ts';
import { findJobSuite, type JobSuite } from './job-suite.ts';
import { getActiveJob } from './queries.ts';

/**
 * Queues a run of the job's current tests, or of its suite. Throws NOT_FOUND, CONFLICT when the job is archived, and as `startRun`
 * or `runSuite`.
 */
export async function runJob(
  starter: RunStarter,
  actor: Actor,
  request: {
    jobId: string;
    trigger: RunTrigger;
    idempotencyKey?: string | undefined;
    commit?: CommitInput | undefined;
  },
): Promise<{ runId: string }> {
  const { jobId, trigger, idempotencyKey, commit } = request;
  const job = await getActiveJob(starter.db, actor.projectId, jobId);
  const suite = await findJobSuite(starter.db, jobId);
  if (suite) {
    if (commit)
      throw new AppError(
        'BAD_REQUEST',
        'must be left out: the job runs a suite, and its runs have the commit of the bundle',
        {
          field: 'commit',
        },
      );
    const run = { jobId, name: job.name, trigger, timeoutMs: job.timeoutMs, idempotencyKey };
    return runSuite(starter, actor, toRun(suite), run);
  }
  const tests = await findJobTests(starter.db, jobId);
  if (tests.length === 0) throw new AppError('BAD_REQUEST', `The job "${job.name}" has no tests.`, { field: 'jobId' });
  const defaults = await getProjectSettings(starter.db, actor.projectId);
  return startRun(starter, actor, {
    kind: 'job',
    sourceId: jobId,
    name: job.name,
    trigger,
    idempotencyKey: idempotencyKey ?? null,
    commit: commit && columnsOfCommit(commit),
    timeoutMs: job.timeoutMs,
    tests: tests.map(({ id, name, script, settings }) => ({
      testId: id,
      name,
      script,
      settings: mergeSettings(defaults, settings),
    })),
  });
}

/** Throws NoBundleError when the pinned bundle was deleted. */
function toRun({ id: suiteId, isPinned, bundle, branch, fromGit, wallTimeMs, shards, options }: JobSuite): SuiteToRun {
  if (isPinned && bundle === null)
    throw new NoBundleError('The bundle that the job has pinned was deleted. Choose another in its settings.');
  return {
    suiteId,
    ...(isPinned && { bundleId: bundle!.id }),
    ...(branch !== null && { branch }),
    fromGit,
    shards,
    ...(wallTimeMs !== null && { wallTimeMs }),
    options,
  };
}
