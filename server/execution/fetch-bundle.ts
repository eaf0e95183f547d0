import type { SuiteGit } from '#shared/suite-git.ts';
import { fetchInSandbox } from '#server/execution/suites/fetch-in-sandbox.ts';
import type { SuiteOutcome } from '#server/execution/suites/suite-outcome.ts';
import { SuiteFault } from '#server/execution/suites/suite-stop.ts';
import { AppError } from '#server/lib/errors.ts';
import { type ClaimedBundle, type ClaimedPart, findClaimed } from '#server/suites/claim-part.ts';
import { findKnownCommits, storeFetched } from '#server/suites/fetched-bundle.ts';
import type { TestVariables } from '#server/variables/queries.ts';
import { inRunDir } from './in-run-dir.ts';
import type { PartReport } from './part-report.ts';
import type { PartProcessor } from './process-part.ts';
import { defaultTimeoutMs } from './process-run.ts';

export interface FetchForPart {
  runId: string;
  part: number;
  claimed: ClaimedPart;
  git: SuiteGit;
  report: PartReport;
  signal: AbortSignal;
  variables: TestVariables;
}

/**
 * Fetches the bundle of a run from git and stores it, and adds the parts that wait for it to the queue. Resolves to the bundle, or to
 * how the part ends without one.
 */
export async function fetchBundle(
  deps: PartProcessor,
  of: FetchForPart,
): Promise<{ bundle: ClaimedBundle } | { ended: SuiteOutcome }> {
  const { runId, part, claimed, git, report, signal, variables } = of;
  const { session, projectId, suite } = claimed;
  const run = { runId, part, session, projectId, suiteId: suite.id, git };
  const known = (await report.reach(() => findKnownCommits(deps.db, run))) ?? [];
  const fetched = await inRunDir(deps.logger, (runDir) =>
    fetchInSandbox({
      ...deps,
      ...deps.suites,
      runId,
      runDir,
      source: git,
      suite: suite.name,
      known,
      timeoutMs: claimed.timeoutMs ?? defaultTimeoutMs.suite,
      signal,
      variables,
      onEntries: (entries) => report.append(entries),
      onFetched: async (found) => {
        await report
          .reach(() => storeFetched(deps, run, found))
          .catch((error: unknown) => {
            throw error instanceof AppError ? new SuiteFault(error.message) : error;
          });
      },
    }),
  );
  if (fetched.status !== 'passed') return { ended: fetched };
  const bundle = await report.reach(() => findClaimed(deps.db, runId));
  if (!bundle) return { ended: { ...fetched, status: 'interrupted' } };
  await addWaiting(deps, runId, claimed);
  return { bundle };
}

/** Parts that were not added until the first one has fetched the bundle, or could not. The sweeper adds those that this one cannot. */
export async function addWaiting(deps: PartProcessor, runId: string, { shard }: ClaimedPart): Promise<void> {
  const others = Array.from({ length: (shard?.total ?? 1) - 1 }, (_, index) => index + 1);
  await Promise.all(others.map((part) => deps.runQueue.add(runId, part))).catch((error: unknown) => {
    deps.logger.warn({ err: error, runId }, 'could not enqueue the parts; the sweeper tries again');
  });
}
