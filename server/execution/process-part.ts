import os from 'node:os';
import type { Logger } from 'pino';
import type { BrowserName } from '#server/config/browser-names.ts';
import { defaultLimits } from '#server/config/run-limits.ts';
import { executeSuite } from '#server/execution/suites/execute-suite.ts';
import { outcome, type SuiteOutcome } from '#server/execution/suites/suite-outcome.ts';
import { SuiteStopped } from '#server/execution/suites/suite-stop.ts';
import { errorMessage } from '#server/lib/errors.ts';
import type { PartEnd } from '#server/reports/decide-run.ts';
import type { RunDispatcher } from '#server/runs/enqueue-run.ts';
import { bundleGone, type ClaimedPart, claimPart } from '#server/suites/claim-part.ts';
import { placeOfArchive } from '#server/suites/receive-bundle.ts';
import { readVariables, UnreadableVariable } from '#server/variables/queries.ts';
import { addWaiting, fetchBundle } from './fetch-bundle.ts';
import { inRunDir } from './in-run-dir.ts';
import { createPartReport, type PartReport } from './part-report.ts';
import { defaultTimeoutMs, graceMs, type RunProcessor } from './process-run.ts';
import { type Listings, type RunSuite, runShard } from './run-shard.ts';
import { followStopRequests } from './stop-requests.ts';

/** Where a worker keeps what suites need. */
export interface SuiteSettings {
  installEnv: Record<string, string>;
  toolsPath: string;
  installsDir: string;
  installsBytes: number;
  browsersDir: string;
  ownBrowsers: readonly BrowserName[];
  reporterFile: string;
  fetcherFile: string;
}

export interface PartProcessor extends RunProcessor {
  runQueue: RunDispatcher;
  suites: SuiteSettings;
  listings: Listings;
}

/**
 * Executes a part of a suite's run and writes its end. Does nothing for a part that does not wait any more, so a part is executed
 * at most once for each time that it begins. Rejects only if the database refuses a write.
 */
export async function processPart(deps: PartProcessor, of: { runId: string; part: number }): Promise<void> {
  const claimed = await claimPart(deps, { ...of, workerId: deps.workerId, executor: os.hostname() });
  if (!claimed) return;
  const { session, projectId } = claimed;
  const logger = deps.logger.child(of);
  logger.info({ name: claimed.suite.name }, 'part started');

  const stop = new AbortController();
  // Who cancels is in the run's row.
  await using _ = followStopRequests(deps, { runId: of.runId, stop, logger, onCancel: () => alive.check() });
  const report = createPartReport(
    { ...deps, limits: { ...defaultLimits, ...deps.limits } },
    { ...of, projectId, session },
    () => stop.abort('lost'),
  );
  using alive = deps.heartbeat.keepPartAlive(
    { runId: of.runId, session },
    { onCancelled: (by) => stop.abort(new SuiteStopped('cancelled', by)), onLost: () => stop.abort('lost') },
  );
  const result = await execute(deps, of, { claimed, report, signal: stop.signal, logger });
  const owned = await report.finish(result, decide(result));
  // Parts that waited for a bundle which is not there end now.
  if (claimed.git && result.code !== null) await addWaiting(deps, of.runId, claimed);
  logger.info({ status: owned ? (result.code ?? result.status) : 'lost' }, 'part ended');
}

interface Execution {
  claimed: ClaimedPart;
  report: PartReport;
  signal: AbortSignal;
  logger: Logger;
}

async function execute(
  deps: PartProcessor,
  of: { runId: string; part: number },
  { claimed, report, signal, logger }: Execution,
): Promise<SuiteOutcome> {
  const { projectId, git, options, shard, choice } = claimed;
  try {
    const variables = await readVariables(deps, projectId);
    const fetched = git && (await fetchBundle(deps, { ...of, claimed, git, report, signal, variables }));
    if (fetched && 'ended' in fetched) return fetched.ended;
    const bundle = fetched?.bundle ?? claimed.bundle!;
    await using archive = await deps.artifacts.onDisk(placeOfArchive(projectId, bundle.hash));
    if (!archive) return outcome('failed', 'bundle_gone', bundleGone);
    const run: RunSuite = (more) =>
      inRunDir(logger, (runDir) =>
        executeSuite({
          ...deps,
          ...deps.suites,
          runId: of.runId,
          projectId,
          runDir,
          bundleFile: archive.file,
          bundle,
          options,
          shard: null,
          timeoutMs: claimed.timeoutMs ?? defaultTimeoutMs.suite,
          graceMs,
          signal,
          onEntries: (entries) => report.append(entries),
          onFile: (file) => report.store(file),
          variables,
          ...more,
        }),
      );
    return await (shard ? runShard(deps, { ...of, claimed, report, shard, run }) : run({ choice }));
  } catch (error) {
    if (error instanceof UnreadableVariable) return outcome('failed', 'variables_unreadable', error.message);
    logger.error({ err: error }, 'could not execute the part');
    return outcome('failed', 'execution_failed', `The suite could not be executed: ${errorMessage(error)}`);
  }
}

/** What the worker knows better than Playwright. */
function decide({ code, details }: SuiteOutcome): PartEnd | undefined {
  return code === null ? undefined : { status: code === 'run_timeout' ? 'timed_out' : 'error', code, details };
}
