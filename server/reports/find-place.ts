import { sql } from 'kysely';
import { reportSilentMs } from '#shared/reports.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import { ago } from '#server/db/ago.ts';
import type { Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { refusal } from './refusal.ts';

/** A run of the same build and attempt, and what has become of a part in it. */
interface Candidate {
  runId: string;
  status: RunStatus;
  parts: number;
  /** Null: the run does not have the part. */
  partStatus: RunStatus | null;
  session: string | null;
  executor: string | null;
  startedAt: string | null;
  isSilent: boolean | null;
  acknowledged: number | null;
  cancelRequestedBy: string | null;
}

/** Where the report of a part belongs. */
export type Place =
  | { kind: 'known'; runId: string; acknowledged: number }
  /** The part waits for its reporter; `session`: that which had it and is silent. */
  | { kind: 'join'; runId: string; status: RunStatus; session: string | null; isNew: boolean }
  | { kind: 'new'; retryOf: string | null }
  /** The run was cancelled before the part began, and its reporter does not know that yet. */
  | { kind: 'cancelled'; runId: string; by: string | null };

export interface PartOfBuild {
  suiteId: string;
  buildId: string;
  buildAttempt: string | null;
  /** From 0. */
  part: number;
  session: string;
  /** The report was merged of those of shards, which may have been reported as they ran. */
  merged: boolean;
}

/** Runs of one build and attempt: each is there because parts were run again. */
const mostCandidates = 50;

/**
 * The run to which a part belongs. Throws CONFLICT while another reporter reports it. The suite is locked, so that two
 * shards do not begin a run each.
 */
export async function findPlace(trx: Trx, of: PartOfBuild): Promise<Place> {
  const candidates: Candidate[] = await trx
    .selectFrom('runs')
    .leftJoin('runParts', (join) => join.onRef('runParts.runId', '=', 'runs.id').on('part', '=', of.part))
    .select([
      'runs.id as runId',
      'runs.status',
      sql<number>`(select count(*)::int from run_parts where run_id = runs.id)`.as('parts'),
      'runParts.status as partStatus',
      'session',
      'executor',
      'runParts.startedAt',
      'acknowledged',
      'cancelRequestedBy',
      sql<boolean | null>`run_parts.heartbeat_at < ${ago(reportSilentMs)}`.as('isSilent'),
    ])
    .where('suiteId', '=', of.suiteId)
    .where('buildId', '=', of.buildId)
    .where('buildAttempt', 'is not distinct from', of.buildAttempt)
    .orderBy('runs.id', 'desc')
    .limit(mostCandidates)
    .execute();
  return choosePlace(candidates, of) ?? { kind: 'new', retryOf: await findNewest(trx, of) };
}

/** Undefined: a new run. */
function choosePlace(candidates: readonly Candidate[], { session, part, merged }: PartOfBuild): Place | undefined {
  const own = candidates.find((it) => it.session === session);
  if (own && neverBegan(own)) return cancelledPlace(own);
  if (own) return { kind: 'known', runId: own.runId, acknowledged: own.acknowledged! };
  const sharded = merged ? candidates.find(({ parts }) => parts > 1) : undefined;
  if (sharded) refuseMerged(sharded);
  const live = candidates.filter(({ status }) => !isTerminal(status));
  const place = live.find(({ partStatus }) => partStatus !== null && !isTerminal(partStatus));
  if (place) {
    if (place.partStatus === 'running' && !place.isSilent) refuseSecond(place, part);
    return { kind: 'join', runId: place.runId, status: place.status, session: place.session, isNew: false };
  }
  const [newest] = candidates;
  // Once: a job that is run again after that is meant to run.
  if (newest && neverBegan(newest) && newest.session === null) return cancelledPlace(newest);
  if (!newest || isTerminal(newest.status) || newest.partStatus !== null) return undefined;
  return { kind: 'join', runId: newest.runId, status: newest.status, session: null, isNew: true };
}

function neverBegan({ status, partStatus, startedAt }: Candidate): boolean {
  return status === 'cancelled' && partStatus === 'cancelled' && startedAt === null;
}

function cancelledPlace({ runId, cancelRequestedBy }: Candidate): Place {
  return { kind: 'cancelled', runId, by: cancelRequestedBy };
}

function refuseMerged({ runId }: Candidate): never {
  throw new AppError(
    'CONFLICT',
    'The shards of this build were reported as they ran, so the merged report adds nothing: leave the reporter out of either.',
    refusal({ reason: 'over', runId }),
  );
}

function refuseSecond({ executor, startedAt }: Candidate, part: number): never {
  throw new AppError(
    'CONFLICT',
    `Part ${part + 1} of this build is being reported by ${executor ?? 'another process'} since ${startedAt}. ` +
      `A job of a matrix needs a suite of its own: give each a name by RUNLIGHT_SUITE. ` +
      `A process that was started again takes over once the other one has been silent for ${reportSilentMs / 1_000} s.`,
    refusal({ reason: 'busy' }),
  );
}

async function findNewest(trx: Trx, { suiteId, buildId }: PartOfBuild): Promise<string | null> {
  const newest = await trx
    .selectFrom('runs')
    .select('id')
    .where('suiteId', '=', suiteId)
    .where('buildId', '=', buildId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newest?.id ?? null;
}

/**
 * The parts that a new run expects. After an earlier run of the build, those that ended there without passing; all, if a
 * part that passed comes again, since then everything is run again.
 */
export async function findExpectedParts(
  trx: Trx,
  { retryOf, part, total }: { retryOf: string | null; part: number; total: number },
): Promise<number[]> {
  const all = Array.from({ length: total }, (_, index) => index);
  if (retryOf === null) return all;
  const before = await trx.selectFrom('runParts').select(['part', 'status']).where('runId', '=', retryOf).execute();
  const unsuccessful = before
    .filter((it) => it.part < total && isTerminal(it.status) && it.status !== 'passed')
    .map((it) => it.part);
  return unsuccessful.includes(part) ? unsuccessful : all;
}
