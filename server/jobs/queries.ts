import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '#server/identity/actor.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import { changedMeanwhile, isUnchanged, nextUpdatedAt } from '#server/db/concurrent-change.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { isListed, type ListFilter, toPage } from '#server/db/list-page.ts';
import { AppError } from '#server/lib/errors.ts';
import { findRecentVerdicts } from '#server/runs/history.ts';
import type { CatchUpRule, OverlapRule } from '#shared/schedule-rules.ts';
import { findLastRuns } from '#server/runs/queries.ts';
import type { Schedule } from './schedules.ts';
import { resolveSchedule, scheduleOf } from './cron.ts';
import { contentText, findJobTests, type JobContent, setContent } from './job-content.ts';
import { findJobSuite } from './job-suite.ts';
import { findMissedStarts, findUnansweredMisses } from './missed-starts.ts';

const columns = [
  'id',
  'name',
  'schedule',
  'timezone',
  'enabled',
  'timeoutMs',
  'overlap',
  'catchUp',
  'createdAt',
  'updatedAt',
  'archivedAt',
] as const;

/** Newest first. */
export async function listJobs(db: Database, projectId: string, filter: ListFilter) {
  const rows = await db
    .selectFrom('jobs')
    .select(columns)
    .select((eb) =>
      eb
        .selectFrom('jobTests')
        .select(eb.fn.countAll<number>().as('n'))
        .whereRef('jobId', '=', 'jobs.id')
        .as('testCount'),
    )
    .select((eb) =>
      eb.selectFrom('suites').select('suites.name').whereRef('suites.id', '=', 'jobs.suiteId').as('suiteName'),
    )
    .where(isListed(projectId, filter))
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
    .execute();
  const page = toPage(rows, filter);
  const ids = page.items.map((job) => job.id);
  const [lastRuns, verdictsOf, missed] = await Promise.all([
    findLastRuns(db, 'jobId', ids),
    findRecentVerdicts(db, 'job', ids),
    findUnansweredMisses(db, ids),
  ]);
  return {
    ...page,
    items: page.items.map(({ suiteName, ...job }) => ({
      ...job,
      /** The suite that it runs instead of tests. */
      suite: suiteName === null ? null : { name: suiteName },
      testCount: job.testCount ?? 0,
      ...scheduleOf({ ...job, enabled: job.enabled && !job.archivedAt }),
      lastRun: lastRuns.get(job.id) ?? null,
      missedStart: missed.get(job.id) ?? null,
      ...verdictsOf(job.id),
    })),
  };
}

/** Includes archived jobs. Throws NOT_FOUND. */
export async function getJob(db: Database, projectId: string, jobId: string) {
  const job = await db
    .selectFrom('jobs')
    .select(columns)
    .where('id', '=', jobId)
    .where('projectId', '=', projectId)
    .executeTakeFirst();
  if (!job) throw new AppError('NOT_FOUND', `There is no job ${jobId}.`);
  return job;
}

/** Throws NOT_FOUND, and CONFLICT when the job is archived. */
export async function getActiveJob(db: Database, projectId: string, jobId: string) {
  const job = await getJob(db, projectId, jobId);
  if (job.archivedAt) throw new AppError('CONFLICT', `The job "${job.name}" is archived.`);
  return job;
}

export async function getJobDetails(db: Database, projectId: string, jobId: string) {
  const job = await getJob(db, projectId, jobId);
  const [tests, suite, lastRuns, missedStarts] = await Promise.all([
    findJobTests(db, jobId),
    findJobSuite(db, jobId),
    findLastRuns(db, 'jobId', [jobId]),
    findMissedStarts(db, jobId),
  ]);
  return {
    ...job,
    ...scheduleOf({ ...job, enabled: job.enabled && !job.archivedAt }),
    testCount: tests.length,
    /** None: it runs a suite. */
    tests: tests.map(({ id, name }) => ({ id, name })),
    suite,
    lastRun: lastRuns.get(jobId) ?? null,
    missedStarts,
  };
}

export interface JobFields {
  name: string;
  schedule: string | null;
  timezone: string;
  enabled: boolean;
  timeoutMs: number | null;
  overlap: OverlapRule;
  catchUp: CatchUpRule;
}

/** Throws as `setContent`. */
export async function insertJob(db: Database, actor: Actor, job: JobFields, content: JobContent) {
  const { projectId } = actor;
  const id = uuidv7();
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('jobs')
      .values({ id, projectId, ...job })
      .execute();
    await setContent(trx, projectId, id, content);
    await recordAudit(trx, actor, { action: 'job.created', target: { kind: 'job', id, name: job.name } });
  });
  return id;
}

/** Throws CONFLICT when the job was changed since `expectedUpdatedAt`, and as `setContent`. */
export async function updateJob(
  db: Database,
  actor: Actor,
  jobId: string,
  change: { [K in keyof JobFields]?: JobFields[K] | undefined },
  { expectedUpdatedAt, ...content }: JobContent & { expectedUpdatedAt: string | undefined },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const before = { ...(await lockJob(trx, jobId)), ...(await contentText(trx, jobId)) };
    const { numUpdatedRows } = await trx
      .updateTable('jobs')
      .set({
        ...change,
        updatedAt: nextUpdatedAt,
        // A new schedule has missed nothing.
        ...((change.schedule !== undefined || change.timezone !== undefined || change.enabled !== undefined) && {
          handledUntil: sql<string>`now()`,
        }),
      })
      .where('id', '=', jobId)
      .where(isUnchanged(expectedUpdatedAt))
      .executeTakeFirst();
    if (numUpdatedRows === 0n) changedMeanwhile('job');
    await setContent(trx, actor.projectId, jobId, content);
    const changes = changesOf(before, { ...change, ...(await contentText(trx, jobId)) });
    if (changes)
      await recordAudit(trx, actor, {
        action: 'job.updated',
        target: { kind: 'job', id: jobId, name: change.name ?? before.name },
        details: { changes },
      });
  });
}

/** Archiving twice changes nothing. */
export async function archiveJob(db: Database, actor: Actor, jobId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const job = await trx
      .updateTable('jobs')
      .set({ archivedAt: sql<string>`now()` })
      .where('id', '=', jobId)
      .where('archivedAt', 'is', null)
      .returning('name')
      .executeTakeFirst();
    if (job) await recordAudit(trx, actor, { action: 'job.archived', target: { kind: 'job', id: jobId, ...job } });
  });
}

/**
 * Undoes `archiveJob`; starts that were due meanwhile are not made up for. A job that is not archived stays as it is. Throws
 * CONFLICT, naming them, when tests or the suite of the job are archived.
 */
export async function restoreJob(db: Database, actor: Actor, jobId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Locked, also those that are not archived, so that none is archived meanwhile.
    const tests = await trx
      .selectFrom('jobTests')
      .innerJoin('tests', 'tests.id', 'jobTests.testId')
      .select(['tests.name', 'tests.archivedAt'])
      .where('jobTests.jobId', '=', jobId)
      .orderBy('jobTests.position')
      .forShare('tests')
      .execute();
    const archived = tests.filter(({ archivedAt }) => archivedAt !== null);
    if (archived.length > 0)
      throw new AppError(
        'CONFLICT',
        `These tests of the job are archived; restore them first: ${archived.map(({ name }) => `"${name}"`).join(', ')}.`,
      );
    const suite = await trx
      .selectFrom('jobs')
      .innerJoin('suites', 'suites.id', 'suiteId')
      .select(['suites.name', 'suites.archivedAt'])
      .where('jobs.id', '=', jobId)
      .forShare('suites')
      .executeTakeFirst();
    if (suite?.archivedAt)
      throw new AppError('CONFLICT', `The suite "${suite.name}" that the job runs is archived; restore it first.`);
    const job = await trx
      .updateTable('jobs')
      .set({ archivedAt: null, handledUntil: sql<string>`now()` })
      .where('id', '=', jobId)
      .where('archivedAt', 'is not', null)
      .returning('name')
      .executeTakeFirst();
    if (job) await recordAudit(trx, actor, { action: 'job.restored', target: { kind: 'job', id: jobId, ...job } });
  });
}

function lockJob(trx: Trx, jobId: string) {
  return trx
    .selectFrom('jobs')
    .select(['name', 'schedule', 'timezone', 'enabled', 'timeoutMs', 'overlap', 'catchUp'])
    .where('id', '=', jobId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/** Schedules of the enabled jobs of all projects. */
export async function findSchedules(db: Database): Promise<Schedule[]> {
  const jobs = await db
    .selectFrom('jobs')
    .select(['id as jobId', 'schedule', 'timezone'])
    .where('schedule', 'is not', null)
    .where('enabled', '=', true)
    .where('archivedAt', 'is', null)
    .execute();
  return jobs.map((job) => ({ ...job, schedule: resolveSchedule(job.schedule!, job.jobId) }));
}
