import path from 'node:path';
import type { RunEventBody } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import type { Bus } from '#server/bus/bus.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import type { RunRow } from '#server/runs/run-state.ts';
import { countBaselineBytes, findBaselines } from '#server/snapshots/queries.ts';
import { findFrozenTests } from '#server/runs/start-run.ts';
import { readVariables, UnreadableVariable } from '#server/variables/queries.ts';
import type { SecretBox } from '#server/variables/secret-box.ts';
import type { Logger } from 'pino';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { addressOf, placeOf } from '#server/artifacts/file-address.ts';
import type { Browser } from '#server/execution/playwright/browser.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { executePlaywright } from '#server/execution/playwright/execute-playwright.ts';
import type { ExecutionResult } from '#server/execution/playwright/run-record.ts';
import { inRunDir } from './in-run-dir.ts';
import { createRunJournal } from './run-journal.ts';
import { followStopRequests } from './stop-requests.ts';
import type { Sandbox } from '#server/execution/sandbox/sandbox.ts';
import type { Supervisor } from '#server/execution/sandbox/supervisor.ts';

/** In ms; for runs without a timeout of their own. */
export const defaultTimeoutMs = { test: 5 * 60_000, job: 60 * 60_000, suite: 60 * 60_000 };

/** Between asking Playwright to stop and killing it, in ms. Playwright writes its report in this time. */
export const graceMs = 5_000;

export interface RunProcessor extends RunWriter {
  workerId: string;
  bus: Bus;
  heartbeat: Heartbeat;
  artifacts: ArtifactStore;
  sandbox: Sandbox;
  browser: Browser | undefined;
  compiledCode?: string | undefined;
  video: boolean;
  supervisor: Supervisor;
  limits: Partial<RunLimits>;
  secretBox: SecretBox;
  /** The environment of scripts. */
  env: Record<string, string>;
  logger: Logger;
  /** Aborts when this worker stops. */
  shutdown: AbortSignal;
}

/**
 * Executes a queued run and writes its end. Does nothing for a run that is not queued any more, so a run is executed at most
 * once, however often the queue delivers it. Rejects only if the database refuses a write.
 */
export async function processRun(deps: RunProcessor, runId: string): Promise<void> {
  const { workerId } = deps;
  const run = await commitRun(deps, runId, { from: ['queued'], to: 'running', claimedBy: workerId });
  if (!run) return;
  const logger = deps.logger.child({ runId });
  logger.info({ name: run.name }, 'run started');

  const stop = new AbortController();
  await using _ = followStopRequests(deps, { runId, stop, logger, onCancel: () => stop.abort('cancelled') });
  const stopHeartbeat = deps.heartbeat.keepAlive(runId, {
    onCancelled: () => stop.abort('cancelled'),
    onLost: () => stop.abort('lost'),
  });
  try {
    await inRunDir(logger, (runDir) => executeClaimed(deps, run, { runDir, signal: stop.signal, logger }));
  } finally {
    stopHeartbeat();
  }
}

async function executeClaimed(
  deps: RunProcessor,
  run: RunRow,
  { runDir, signal, logger }: { runDir: string; signal: AbortSignal; logger: Logger },
): Promise<void> {
  const runId = run.id;
  const lost = new AbortController();
  const journal = createRunJournal({
    writer: deps,
    runId,
    workerId: deps.workerId,
    seq: run.seq,
    onLost: () => lost.abort('lost'),
  });
  const tests = await findFrozenTests(deps.db, runId);
  const reported = new Map<number, TestStatus>();
  /** Tests that never started are not reported: the end of the run marks them as skipped. */
  const isChange = ({ position, status }: { position: number; status: TestStatus }) =>
    reported.get(position) !== status && (status !== 'interrupted' || reported.has(position));
  const execute = async () =>
    executePlaywright({
      variables: await readVariables(deps, run.projectId),
      runId,
      runDir,
      tests: await withBaselines(deps.db, tests),
      timeoutMs: run.timeoutMs ?? defaultTimeoutMs[run.kind],
      graceMs,
      signal: AbortSignal.any([signal, lost.signal]),
      onListed: (cases) => journal.list(cases),
      onEvent: (event) => {
        if (event.type === 'test') {
          if (!isChange(event)) return;
          reported.set(event.position, event.status);
        }
        journal.record(event);
      },
      env: deps.env,
      sandbox: deps.sandbox,
      browser: deps.browser,
      compiledCode: deps.compiledCode,
      video: deps.video,
      supervisor: deps.supervisor,
      limits: deps.limits,
    });
  const result = await execute().catch((error: unknown) => {
    logger.error({ err: error }, 'could not execute the run');
    return failedExecution(error);
  });
  if (lost.signal.aborted) return;

  const { artifacts, failure } = await storeArtifacts(deps, runId, runDir, result, logger);
  for (const artifact of artifacts) journal.record(artifact);
  if (failure !== undefined) journal.record({ type: 'log', stream: 'stderr', text: failure });
  const report = artifacts.find(({ kind }) => kind === 'report')?.path ?? null;
  const names = new Map(tests.map((test) => [test.position, test.name]));
  const owned = await journal.finish({
    to: result.status,
    errorCode: result.errorCode,
    errorDetails: result.errorDetails,
    reportPath: report,
    s3Url: report && deps.artifacts.address(placeOf(runId, report)),
    events: result.tests.filter(isChange).map(({ durationMs, ...test }): RunEventBody => ({
      type: 'test',
      name: names.get(test.position) ?? '',
      duration: durationMs,
      ...test,
    })),
  });
  logger.info({ status: owned ? result.status : 'lost' }, 'run ended');
}

/** Of all baselines that a run is given. */
const maxBaselineBytesOfRun = 1024 * 1024 * 1024;

/** The scripts of a run as they were when it was queued, with the baselines that are accepted now. */
async function withBaselines(db: Database, tests: Awaited<ReturnType<typeof findFrozenTests>>) {
  const testIds = tests.flatMap(({ testId }) => testId ?? []);
  if ((await countBaselineBytes(db, testIds)) > maxBaselineBytesOfRun)
    throw new Error('the baselines of its tests have more than 1 GiB together. Remove some, or use several jobs.');
  return tests.map(({ testId, ...test }) => ({
    ...test,
    ...(testId !== null && { baselines: () => findBaselines(db, testId) }),
  }));
}

function failedExecution(error: unknown): ExecutionResult {
  const isUnreadable = error instanceof UnreadableVariable;
  return {
    status: 'error',
    errorCode: isUnreadable ? 'variables_unreadable' : 'execution_failed',
    errorDetails: isUnreadable ? error.message : `Playwright could not be started: ${errorMessage(error)}`,
    tests: [],
    artifacts: [],
  };
}

async function storeArtifacts(
  deps: RunProcessor,
  runId: string,
  runDir: string,
  result: ExecutionResult,
  logger: Logger,
): Promise<{ artifacts: Extract<RunEventBody, { type: 'artifact' }>[]; failure?: string }> {
  if (result.artifacts.length === 0) return { artifacts: [] };
  try {
    await deps.artifacts.put(runId, path.join(runDir, 'output'));
  } catch (error) {
    logger.error({ err: error }, 'could not store the artifacts');
    return { artifacts: [], failure: `The files of this run could not be stored: ${errorMessage(error)}\n` };
  }
  const artifacts = result.artifacts.map((artifact) => ({
    type: 'artifact' as const,
    ...artifact,
    path: addressOf(runId, artifact.path),
  }));
  return { artifacts };
}
