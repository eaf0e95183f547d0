import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { nextCursor, parseCursor } from '#server/db/cursor.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/errors.ts';
import { findLastRuns } from '#server/runs/queries.ts';

const columns = ['id', 'name', 'script', 'createdAt', 'updatedAt', 'archivedAt'] as const;

export interface ListFilter {
  search?: string | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/** Newest first, without archived ones; `search` is looked for in the names. */
export async function listTests(db: Database, projectId: string, { search, cursor, limit }: ListFilter) {
  const after = parseCursor(cursor);
  const rows = await db
    .selectFrom('tests')
    .select(['id', 'name', 'createdAt', 'updatedAt'])
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
    'testId',
    page.map((test) => test.id),
  );
  return {
    items: page.map((test) => ({ ...test, lastRun: lastRuns.get(test.id) ?? null })),
    nextCursor: nextCursor(page, rows.length > limit),
  };
}

/** A condition on `name`, in any letter case; `%` and `_` mean themselves. */
export function nameContains(search: string) {
  return sql<boolean>`position(lower(${search.replaceAll('\0', '')}) in lower(name)) > 0`;
}

/** Archived ones too, since runs of them are still there. Throws NOT_FOUND. */
export async function getTest(db: Database, projectId: string, testId: string) {
  return (
    (await db
      .selectFrom('tests')
      .select(columns)
      .where('id', '=', testId)
      .where('projectId', '=', projectId)
      .executeTakeFirst()) ?? testNotFound(testId)
  );
}

export function testNotFound(testId: string): never {
  throw new AppError('NOT_FOUND', `There is no test ${testId}.`);
}

/** Throws NOT_FOUND, and CONFLICT when the test is archived. */
export async function getActiveTest(db: Database, projectId: string, testId: string) {
  const test = await getTest(db, projectId, testId);
  if (test.archivedAt) throw new AppError('CONFLICT', `The test "${test.name}" is archived.`);
  return test;
}

export async function getTestDetails(db: Database, projectId: string, testId: string) {
  const test = await getTest(db, projectId, testId);
  const [jobs, lastRuns] = await Promise.all([findJobsOfTest(db, testId), findLastRuns(db, 'testId', [testId])]);
  return { ...test, jobs, lastRun: lastRuns.get(testId) ?? null };
}

function findJobsOfTest(db: Database | Trx, testId: string) {
  return db
    .selectFrom('jobs')
    .select(['id', 'name'])
    .where('archivedAt', 'is', null)
    .where('id', 'in', (eb) => eb.selectFrom('jobTests').select('jobId').where('testId', '=', testId))
    .orderBy('name')
    .execute();
}

export async function insertTest(db: Database, projectId: string, test: { name: string; script: string }) {
  const id = uuidv7();
  await db
    .insertInto('tests')
    .values({ id, projectId, ...test })
    .execute();
  return id;
}

/** Throws NOT_FOUND or CONFLICT. Runs that are queued or running keep what they were given. */
export async function updateTest(
  db: Database,
  projectId: string,
  { testId, ...change }: { testId: string; name?: string | undefined; script?: string | undefined },
): Promise<void> {
  await getActiveTest(db, projectId, testId);
  await db
    .updateTable('tests')
    .set({ ...change, updatedAt: sql<string>`now()` })
    .where('id', '=', testId)
    .execute();
}

/** Archiving twice changes nothing. Throws NOT_FOUND, and CONFLICT naming the jobs that use the test. */
export async function archiveTest(db: Database, projectId: string, testId: string): Promise<void> {
  await getTest(db, projectId, testId);
  await db.transaction().execute(async (trx) => {
    // Composing a job locks its tests too, so that none slips in between.
    await trx.selectFrom('tests').select('id').where('id', '=', testId).forUpdate().execute();
    const jobs = await findJobsOfTest(trx, testId);
    if (jobs.length > 0) {
      const names = jobs.map((job) => `"${job.name}"`).join(', ');
      throw new AppError(
        'CONFLICT',
        `The test is used by ${jobs.length === 1 ? 'the job' : 'the jobs'} ${names}; take it out there first.`,
      );
    }
    await trx
      .updateTable('tests')
      .set({ archivedAt: sql<string>`coalesce(archived_at, now())` })
      .where('id', '=', testId)
      .execute();
  });
}
