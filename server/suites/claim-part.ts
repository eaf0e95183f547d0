import { randomUUID } from 'node:crypto';
import type { PackageManager } from '#shared/lock-files.ts';
import type { SuiteCase, SuiteOptions } from '#shared/suites.ts';
import { isTerminal } from '#shared/run-status.ts';
import { endPart } from '#server/reports/end-part.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';

/** What a worker needs to execute a part. */
export interface ClaimedPart {
  /** With which the worker reports the part. */
  session: string;
  projectId: string;
  suite: { id: string; name: string };
  bundle: {
    id: string;
    hash: string;
    dir: string;
    config: string;
    packageManager: PackageManager;
    lockFile: string;
    playwright: string | null;
  };
  options: SuiteOptions;
  /** From 1; null: the run has one part. */
  shard: { current: number; total: number } | null;
  /** From 1; the part begins for the second time if its first worker was lost. */
  attempt: number;
  /** Only these cases, with what they need; null: all. */
  choice: SuiteCase[] | null;
  /** Null: the default. */
  timeoutMs: number | null;
}

export interface PartToClaim {
  runId: string;
  /** From 0. */
  part: number;
  workerId: string;
  /** The machine, as people see it. */
  executor: string;
}

/**
 * Takes a part for a worker, and begins the run with the first one. Resolves to undefined if there is nothing to do: another worker
 * has the part, or it or its run is over or to be cancelled. A part whose bundle is gone ends as `bundle_gone`.
 */
export async function claimPart(writer: RunWriter, of: PartToClaim): Promise<ClaimedPart | undefined> {
  const { runId, part, workerId, executor } = of;
  const session = randomUUID();
  while (true) {
    const found = await findPart(writer, of);
    if (!found || isTerminal(found.status) || found.cancelRequestedAt !== null) return undefined;
    if (found.partStatus !== 'queued' || found.suiteOptions === null) return undefined;
    const isFirst = found.status === 'queued';
    const claimed = await commitRun(writer, runId, {
      from: [found.status],
      ...(isFirst && { to: 'running' }),
      part: { part, session: null, begin: { session, executor, workerId } },
    });
    // Else another part has just begun the run, or another worker has the part.
    if (!claimed) continue;
    const { suiteOptions, bundleId, hash } = found;
    if (bundleId === null || hash === null) {
      await endPart(writer, { runId, part, session }, { status: 'error', code: 'bundle_gone', details: bundleGone });
      return undefined;
    }
    const { options, shards, choice } = suiteOptions;
    return {
      session,
      projectId: found.projectId,
      suite: { id: found.suiteId!, name: found.suiteName! },
      bundle: {
        id: bundleId,
        hash,
        dir: found.dir!,
        config: found.config!,
        packageManager: found.packageManager!,
        lockFile: found.lockFile!,
        playwright: found.playwright,
      },
      options,
      shard: shards === 1 ? null : { current: part + 1, total: shards },
      attempt: found.attempt + 1,
      choice,
      timeoutMs: found.timeoutMs,
    };
  }
}

function findPart({ db }: RunWriter, { runId, part }: PartToClaim) {
  return db
    .selectFrom('runs')
    .innerJoin('runParts', 'runParts.runId', 'runs.id')
    .leftJoin('suites', 'suites.id', 'runs.suiteId')
    .leftJoin('suiteBundles as bundle', 'bundle.id', 'runs.bundleId')
    .select([
      'runs.status',
      'runs.projectId',
      'runs.suiteId',
      'cancelRequestedAt',
      'timeoutMs',
      'suiteOptions',
      'bundleId',
    ])
    .select(['runParts.status as partStatus', 'attempt', 'suites.name as suiteName'])
    .select(['hash', 'dir', 'config', 'packageManager', 'lockFile', 'playwright'])
    .where('runs.id', '=', runId)
    .where('part', '=', part)
    .where('origin', '=', 'worker')
    .executeTakeFirst();
}

/** Why a part ends whose bundle is gone, or the bytes of its bundle. */
export const bundleGone = 'The bundle was deleted before the run began. Push the suite again, and run that.';
