import type { z } from 'zod';
import { sql } from 'kysely';
import { type BegunReport, type reportInputs, reportLimits, reportSilentMs } from '#shared/reports.ts';
import { liveStatuses } from '#shared/run-status.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { version } from '#server/config/installation.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import type { Trx } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { commitRuns, type RunTransaction, type RunWriter } from '#server/runs/commit-run.ts';
import { columnsOfCommit } from '#server/runs/commit-columns.ts';
import { insertReportedRun, insertWaitingParts } from '#server/runs/insert-reported-run.ts';
import { lockSuite } from '#server/runs/lock-suite.ts';
import { findExpectedParts, findPlace, type Place } from './find-place.ts';
import { refusal } from './refusal.ts';

type CancelledPlace = Extract<Place, { kind: 'cancelled' }>;
export type BeginInput = z.infer<typeof reportInputs.begin>;

export interface ReportDeps extends RunWriter {
  limits: RunLimits;
  artifacts: Pick<ArtifactStore, 'kind' | 'size'>;
}

/**
 * Begins to report a part of a run, of the run of its build if there is one. The same reporter gets the same answer again.
 * Throws CONFLICT while another one reports the part, and TOO_MANY_REQUESTS beyond the limits of a project.
 */
export async function beginReport(deps: ReportDeps, actor: Actor, input: BeginInput): Promise<BegunReport> {
  const { fileBytes, artifactBytes, cases } = deps.limits;
  while (true) {
    const begun = await commitRuns(deps, (transaction) => begin(transaction, actor, input));
    // Else the run or the part has just ended.
    if (begun && 'kind' in begun) refuseCancelled(begun, input);
    if (begun)
      return {
        ...begun,
        version,
        maxFileBytes: Math.min(fileBytes, artifactBytes),
        maxRunBytes: artifactBytes,
        maxCases: cases,
      };
  }
}

async function begin(
  { trx, commit, inserted }: RunTransaction,
  actor: Actor,
  input: BeginInput,
): Promise<Pick<BegunReport, 'runId' | 'part' | 'acknowledged'> | CancelledPlace> {
  const { session, executor = null, build, shard } = input;
  const part = shard ? shard.current - 1 : 0;
  const suite = await lockSuite(trx, actor.projectId, storableText(input.suite));
  const buildId = storableText(build.id);
  const buildAttempt = build.attempt ?? null;
  const merged = input.merged === true;
  const place = await findPlace(trx, { suiteId: suite.id, buildId, buildAttempt, part, session, merged });
  if (place.kind === 'known') return { runId: place.runId, part, acknowledged: place.acknowledged };
  if (place.kind === 'cancelled') {
    const { runId } = place;
    await trx.updateTable('runParts').set({ session }).where('runId', '=', runId).where('part', '=', part).execute();
    return place;
  }

  if (place.kind === 'join') {
    if (place.isNew) await insertWaitingParts(trx, place.runId, [part]);
    await commit(place.runId, {
      from: ['running'],
      part: {
        part,
        session: place.session,
        ...(place.session !== null && { silentForMs: reportSilentMs }),
        begin: { session, executor },
      },
    });
    return { runId: place.runId, part, acknowledged: 0 };
  }

  await checkLiveRuns(trx, actor.projectId);
  const total = shard?.total ?? 1;
  const expected = await findExpectedParts(trx, { retryOf: place.retryOf, part, total });
  const run = await insertReportedRun(trx, actor, {
    suiteId: suite.id,
    name: suite.name,
    trigger: build.provider == null ? 'cli' : 'ci',
    retryOf: place.retryOf,
    parts: expected,
    partial: expected.length < total,
    build: {
      ...columnsOfCommit(input.commit),
      ciProvider: build.provider,
      buildId,
      buildAttempt,
      buildUrl: build.url,
    },
  });
  inserted(run);
  const runId = run.run.id;
  await recordAudit(trx, actor, {
    action: 'run.reported',
    target: { kind: 'run', id: runId, name: suite.name },
    ...(place.retryOf !== null && { details: { retryOf: place.retryOf } }),
  });
  await commit(runId, {
    from: ['queued'],
    to: 'running',
    part: { part, session: null, begin: { session, executor } },
  });
  return { runId, part, acknowledged: 0 };
}

/** A shard that comes after a cancel has to stop, as the others have. */
function refuseCancelled({ runId, by }: CancelledPlace, { shard }: BeginInput): never {
  throw new AppError(
    'CONFLICT',
    `The run of this build was cancelled${by === null ? '' : ` by ${by}`} before ${shard ? `part ${shard.current}` : 'this'} began. Run the job again for a new run.`,
    refusal({ reason: 'cancelled', runId }),
  );
}

async function checkLiveRuns(trx: Trx, projectId: string): Promise<void> {
  const { live } = await trx
    .selectFrom('runs')
    .select(sql<number>`count(*)`.as('live'))
    .where('projectId', '=', projectId)
    .where('status', 'in', liveStatuses)
    .where('origin', '=', 'reporter')
    .executeTakeFirstOrThrow();
  if (live >= reportLimits.liveRunsPerProject)
    throw new AppError(
      'TOO_MANY_REQUESTS',
      `The project has ${live} reported runs that are not over, and may have ${reportLimits.liveRunsPerProject}. Wait for some to end, or cancel them.`,
    );
}
