import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { SuiteGit } from '#shared/suite-git.ts';
import type { SuiteCase, SuiteOptions } from '#shared/suites.ts';
import { isTerminal } from '#shared/run-status.ts';
import type { SuiteBundlesTable } from '#server/db/project-tables.ts';
import type { Database } from '#server/db/database.ts';
import { endPart } from '#server/reports/end-part.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import { hasFetchEnded, isToFetch } from './awaits-fetch.ts';

/** The fields of a bundle that a worker needs. */
export type ClaimedBundle = Pick<
  Selectable<SuiteBundlesTable>,
  'id' | 'hash' | 'dir' | 'config' | 'packageManager' | 'lockFile' | 'playwright'
>;

/** A part with everything that a worker needs to execute it. */
export interface ClaimedPart {
  /** The session with which the worker reports the part. */
  session: string;
  projectId: string;
  suite: { id: string; name: string };
  /** Null: the part fetches it from `git` first. */
  bundle: ClaimedBundle | null;
  git: SuiteGit | null;
  options: SuiteOptions;
  /** Playwright's shard, from 1; null: the run has one part. */
  shard: { current: number; total: number } | null;
  /** From 1; the part begins for the second time if its first worker was lost. */
  attempt: number;
  /** Run only these cases and the cases that they depend on; null: all. */
  choice: SuiteCase[] | null;
  /** Null: the default. */
  timeoutMs: number | null;
}

export interface PartToClaim {
  runId: string;
  /** From 0. */
  part: number;
  workerId: string;
  /** Name of the machine, as people see it. */
  executor: string;
}

/**
 * Takes a part for a worker, and begins the run with its first part. Resolves to undefined if there is nothing to do: another
 * worker has the part, or it or its run is over or to be cancelled, or it waits until the first part has fetched the bundle. The
 * part ends as `bundle_gone` if the bundle was deleted, and as `fetch_failed` if it was never fetched.
 */
export async function claimPart(writer: RunWriter, of: PartToClaim): Promise<ClaimedPart | undefined> {
  const { runId, part, workerId, executor } = of;
  const session = randomUUID();
  while (true) {
    const found = await findPart(writer, of);
    if (!found || isTerminal(found.status) || found.cancelRequestedAt !== null) return undefined;
    if (found.partStatus !== 'queued' || found.suiteOptions === null) return undefined;
    if (found.isToFetch && part > 0 && !found.hasFetchEnded) return undefined;
    const isFirst = found.status === 'queued';
    const claimed = await commitRun(writer, runId, {
      from: [found.status],
      ...(isFirst && { to: 'running' }),
      part: { part, session: null, begin: { session, executor, workerId } },
    });
    // If not, another part has just begun the run, or another worker has the part.
    if (!claimed) continue;
    const { suiteOptions } = found;
    const isFetched = found.isToFetch && part === 0;
    const bundle = isFetched ? null : await findClaimed(writer.db, runId);
    if (bundle === undefined) {
      const end = found.isToFetch
        ? ({ code: 'fetch_failed', details: 'Part 1 has not fetched the suite from git: see its error.' } as const)
        : ({ code: 'bundle_gone', details: bundleGone } as const);
      await endPart(writer, { runId, part, session }, { status: 'error', ...end });
      return undefined;
    }
    const { options, shards, choice, git = null } = suiteOptions;
    return {
      session,
      projectId: found.projectId,
      suite: { id: found.suiteId!, name: found.suiteName! },
      bundle,
      git: isFetched ? git : null,
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
    .select(['runs.status', 'runs.projectId', 'runs.suiteId', 'cancelRequestedAt', 'timeoutMs', 'suiteOptions'])
    .select(['runParts.status as partStatus', 'attempt', 'suites.name as suiteName'])
    .select([isToFetch.as('isToFetch'), hasFetchEnded.as('hasFetchEnded')])
    .where('runs.id', '=', runId)
    .where('part', '=', part)
    .where('origin', '=', 'worker')
    .executeTakeFirst();
}

/** The bundle of a run; undefined: it has none, or it was deleted. */
export function findClaimed(db: Database, runId: string): Promise<ClaimedBundle | undefined> {
  return db
    .selectFrom('runs')
    .innerJoin('suiteBundles as bundle', 'bundle.id', 'bundleId')
    .select(['bundle.id', 'hash', 'dir', 'config', 'packageManager', 'lockFile', 'playwright'])
    .where('runs.id', '=', runId)
    .executeTakeFirst();
}

/** The reason when a part ends because its bundle, or the bytes of the bundle, are gone. */
export const bundleGone = 'The bundle was deleted before the run began. Push the suite again, and run that.';
