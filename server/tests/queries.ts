import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { TestSettings } from '#shared/test-settings.ts';
import type { Actor } from '#server/identity/actor.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { changesOfSettings } from '#server/audit/changes-of-settings.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import { changedMeanwhile, isUnchanged, nextUpdatedAt } from '#server/db/concurrent-change.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { isListed, type ListFilter, toPage } from '#server/db/list-page.ts';
import { AppError } from '#server/lib/errors.ts';
import { findRecentVerdicts } from '#server/runs/history.ts';
import { findLastRuns } from '#server/runs/queries.ts';

const columns = ['id', 'name', 'script', 'settings', 'createdAt', 'updatedAt', 'archivedAt'] as const;

/** Newest first, without archived tests. `search` matches names. */
export async function listTests(db: Database, projectId: string, filter: ListFilter) {
  const rows = await db
    .selectFrom('tests')
    .select(['id', 'name', 'createdAt', 'updatedAt'])
    .where(isListed(projectId, filter))
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
    .execute();
  const page = toPage(rows, filter);
  const ids = page.items.map((test) => test.id);
  const [lastRuns, verdictsOf] = await Promise.all([
    findLastRuns(db, 'testId', ids),
    findRecentVerdicts(db, 'test', ids),
  ]);
  return {
    ...page,
    items: page.items.map((test) => ({ ...test, lastRun: lastRuns.get(test.id) ?? null, ...verdictsOf(test.id) })),
  };
}

/** Includes archived tests, because their runs are kept. Throws NOT_FOUND. */
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
  const ids = jobs.map((job) => job.id);
  const lastRunsOfJobs = await findLastRuns(db, 'jobId', ids);
  return {
    ...test,
    jobs: jobs.map((job) => ({ ...job, lastRun: lastRunsOfJobs.get(job.id) ?? null })),
    lastRun: lastRuns.get(testId) ?? null,
  };
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

export async function insertTest(
  db: Database,
  actor: Actor,
  { settings = {}, ...test }: { name: string; script: string; settings?: TestSettings | undefined },
) {
  const id = uuidv7();
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('tests')
      .values({ id, projectId: actor.projectId, ...test, settings: JSON.stringify(settings) })
      .execute();
    await recordAudit(trx, actor, { action: 'test.created', target: { kind: 'test', id, name: test.name } });
  });
  return id;
}

/**
 * Throws NOT_FOUND, and CONFLICT when the test is archived or was changed since `expectedUpdatedAt`. Existing runs keep
 * the script that they were queued with.
 */
export async function updateTest(
  db: Database,
  actor: Actor,
  {
    testId,
    expectedUpdatedAt,
    settings,
    ...change
  }: {
    testId: string;
    name?: string | undefined;
    script?: string | undefined;
    settings?: TestSettings | undefined;
    expectedUpdatedAt?: string | undefined;
  },
): Promise<void> {
  await getActiveTest(db, actor.projectId, testId);
  await db.transaction().execute(async (trx) => {
    const before = await lockTest(trx, testId);
    const { numUpdatedRows } = await trx
      .updateTable('tests')
      .set({ ...change, ...(settings && { settings: JSON.stringify(settings) }), updatedAt: nextUpdatedAt })
      .where('id', '=', testId)
      .where(isUnchanged(expectedUpdatedAt))
      .executeTakeFirst();
    if (numUpdatedRows === 0n) changedMeanwhile('test');
    const changes = {
      ...changesOf({ name: before.name, script: before.script }, change, ['script']),
      ...(settings && changesOfSettings(before.settings, settings)),
    };
    if (Object.keys(changes).length > 0)
      await recordAudit(trx, actor, {
        action: 'test.updated',
        target: { kind: 'test', id: testId, name: change.name ?? before.name },
        details: { changes },
      });
  });
}

/** Saving a job locks its tests too, so a test is not archived while a job adds it. */
function lockTest(trx: Trx, testId: string) {
  return trx
    .selectFrom('tests')
    .select(['name', 'script', 'settings', 'archivedAt'])
    .where('id', '=', testId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/** Archiving twice changes nothing. Throws NOT_FOUND, and CONFLICT naming the jobs that use the test. */
export async function archiveTest(db: Database, actor: Actor, testId: string): Promise<void> {
  await getTest(db, actor.projectId, testId);
  await db.transaction().execute(async (trx) => {
    const { name, archivedAt } = await lockTest(trx, testId);
    if (archivedAt) return;
    const jobs = await findJobsOfTest(trx, testId);
    if (jobs.length > 0) {
      const names = jobs.map((job) => `"${job.name}"`).join(', ');
      throw new AppError(
        'CONFLICT',
        `The test is used by ${jobs.length === 1 ? 'the job' : 'the jobs'} ${names}; remove it there first.`,
      );
    }
    await trx
      .updateTable('tests')
      .set({ archivedAt: sql<string>`now()` })
      .where('id', '=', testId)
      .execute();
    await recordAudit(trx, actor, { action: 'test.archived', target: { kind: 'test', id: testId, name } });
  });
}
