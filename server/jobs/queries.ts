import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { nextCursor, parseCursor } from '#server/db/cursor.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/errors.ts';
import { findLastRuns } from '#server/runs/queries.ts';
import { type ListFilter, nameContains } from '#server/tests/queries.ts';
import type { Schedule } from '#server/queue/schedules.ts';
import { nextRunAt } from './cron.ts';

const columns = [
  'id',
  'name',
  'schedule',
  'timezone',
  'enabled',
  'timeoutMs',
  'createdAt',
  'updatedAt',
  'archivedAt',
] as const;

/** Newest first, without archived ones. */
export async function listJobs(db: Database, projectId: string, { search, cursor, limit }: ListFilter) {
  const after = parseCursor(cursor);
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
    .where('projectId', '=', projectId)
    .where('archivedAt', 'is', null)
    .$if(Boolean(search), (query) => query.where(nameContains(search!)))
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const lastRuns = await findLastRuns(
    db,
    'jobId',
    page.map((job) => job.id),
  );
  return {
    items: page.map(({ archivedAt: _, ...job }) => ({
      ...job,
      testCount: job.testCount ?? 0,
      nextRunAt: nextRunAt(job),
      lastRun: lastRuns.get(job.id) ?? null,
    })),
    nextCursor: nextCursor(page, rows.length > limit),
  };
}

/** Archived ones too. Throws NOT_FOUND. */
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
  const [tests, lastRuns] = await Promise.all([findJobTests(db, jobId), findLastRuns(db, 'jobId', [jobId])]);
  return {
    ...job,
    nextRunAt: job.archivedAt ? null : nextRunAt(job),
    testCount: tests.length,
    tests: tests.map(({ id, name }) => ({ id, name })),
    lastRun: lastRuns.get(jobId) ?? null,
  };
}

/** In the order in which they run. */
export function findJobTests(db: Database, jobId: string) {
  return db
    .selectFrom('jobTests')
    .innerJoin('tests', 'tests.id', 'jobTests.testId')
    .select(['tests.id', 'tests.name', 'tests.script'])
    .where('jobTests.jobId', '=', jobId)
    .orderBy('jobTests.position')
    .execute();
}

export interface JobFields {
  name: string;
  schedule: string | null;
  timezone: string;
  enabled: boolean;
  timeoutMs: number | null;
}

/** Throws BAD_REQUEST naming the tests that do not exist or are archived. */
export async function insertJob(db: Database, projectId: string, job: JobFields, testIds: readonly string[]) {
  const id = uuidv7();
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('jobs')
      .values({ id, projectId, ...job })
      .execute();
    await setTests(trx, projectId, id, testIds);
  });
  return id;
}

export async function updateJob(
  db: Database,
  projectId: string,
  jobId: string,
  change: Partial<JobFields>,
  testIds: readonly string[] | undefined,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('jobs')
      .set({ ...change, updatedAt: sql<string>`now()` })
      .where('id', '=', jobId)
      .execute();
    if (testIds) await setTests(trx, projectId, jobId, testIds);
  });
}

export async function archiveJob(db: Database, jobId: string): Promise<void> {
  await db
    .updateTable('jobs')
    .set({ archivedAt: sql<string>`coalesce(archived_at, now())` })
    .where('id', '=', jobId)
    .execute();
}

/** Schedules of all projects that shall be in force. */
export async function findSchedules(db: Database): Promise<Schedule[]> {
  const jobs = await db
    .selectFrom('jobs')
    .select(['id as jobId', 'schedule', 'timezone'])
    .where('schedule', 'is not', null)
    .where('enabled', '=', true)
    .where('archivedAt', 'is', null)
    .execute();
  return jobs.map((job) => ({ ...job, schedule: job.schedule! }));
}

async function setTests(trx: Trx, projectId: string, jobId: string, testIds: readonly string[]): Promise<void> {
  const tests = await trx
    .selectFrom('tests')
    .select('id')
    .where('id', 'in', testIds)
    .where('projectId', '=', projectId)
    .where('archivedAt', 'is', null)
    .orderBy('id')
    .forShare()
    .execute();
  const known = new Set(tests.map((test) => test.id));
  const unknown = [...new Set(testIds)].filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new AppError('BAD_REQUEST', `no such test, or it is archived: ${unknown.join(', ')}`, { field: 'testIds' });
  await trx.deleteFrom('jobTests').where('jobId', '=', jobId).execute();
  await trx
    .insertInto('jobTests')
    .values(testIds.map((testId, position) => ({ jobId, testId, position })))
    .execute();
}
