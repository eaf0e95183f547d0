import path from 'node:path';
import { isTerminal } from '#shared/run-status.ts';
import type { SuiteOptions } from '#shared/suites.ts';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { Connection } from '#sdk/cli/config/connect.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { findSuite } from '#sdk/cli/push/find-suite.ts';
import { nameOfSuite } from '#sdk/cli/push/prepare-suite.ts';
import { pushedLine, pushedText } from '#sdk/cli/push/push-text.ts';
import { cleanLine } from '#shared/clean-text.ts';
import { identifyBuild } from '#sdk/reporter/ci/identify-build.ts';
import { findTarget } from './find-target.ts';
import { pushFolder } from './push.ts';
import type { SuiteRunFlags } from './suite-run-flags.ts';

/** What of a suite is to be run. */
export interface SuiteToRun {
  suiteId: string;
  /** Undefined: the newest one. */
  bundleId: string | undefined;
}

/** Pushes the suite in this folder, or finds it by its name where nothing is to be sent. */
export async function suiteOfFolder(
  host: Host,
  connection: Connection,
  flags: SuiteRunFlags & { json?: boolean | undefined },
): Promise<SuiteToRun> {
  const { runlight } = connection;
  if (sendsNothing(flags)) {
    const name = flags.suite ?? nameOfSuite(host, findSuite({ from: path.resolve('.'), config: flags.config }));
    const { id } = await findTarget(runlight, name, ['suite']);
    return { suiteId: id, bundleId: flags.bundle };
  }
  const { suite, pushed } = await pushFolder(host, connection, flags);
  const said = flags.json ? pushedLine(suite, pushed, runlight.url) : pushedText(suite, pushed);
  host.stdout.write(`${said}\n`);
  return { suiteId: pushed.suiteId, bundleId: pushed.bundleId };
}

function sendsNothing({ push, bundle, branch, lastFailed }: SuiteRunFlags): boolean {
  return push === false || bundle !== undefined || branch !== undefined || lastFailed === true;
}

export interface SuiteStart {
  flags: SuiteRunFlags & { timeout?: number | undefined };
  options: SuiteOptions;
  idempotencyKey: string;
}

/** Resolves to the id of the run. */
export async function startSuite(
  host: Host,
  runlight: Runlight,
  { suiteId, bundleId }: SuiteToRun,
  { flags, options, idempotencyKey }: SuiteStart,
): Promise<string> {
  const { branch, shards, timeout: timeoutMs, lastFailed } = flags;
  if (lastFailed) return retryLastFailed(host, runlight, { suiteId, branch, idempotencyKey });
  const { runId } = await runlight.suites.run.mutate({
    suiteId,
    bundleId,
    options,
    timeoutMs,
    idempotencyKey,
    ...(bundleId === undefined && { branch }),
    ...(shards !== undefined && { shards }),
  });
  return runId;
}

async function retryLastFailed(
  host: Host,
  runlight: Runlight,
  { suiteId, branch: given, idempotencyKey }: { suiteId: string; branch: string | undefined; idempotencyKey: string },
): Promise<string> {
  const branch =
    given ?? (await identifyBuild({ env: host.env, cwd: path.resolve('.'), buildId: undefined })).commit.branch;
  const { items } = await runlight.runs.list.query({ suiteId, ...(branch !== null && { branch }) });
  // A run that repeats one case says nothing of the others.
  const last = items.find((run) => run.origin === 'worker' && run.repeats == null && isTerminal(run.status));
  if (!last) {
    const of = branch === null ? '' : ` of the branch "${cleanLine(branch)}"`;
    throw new CliError(`No run of the suite${of} on workers has ended yet.`, exitCodes.wrongUse);
  }
  const { runId } = await runlight.runs.retry.mutate({ runId: last.id, failedOnly: true, idempotencyKey });
  return runId;
}
