import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { TestSort } from '#shared/inputs.ts';
import type { TestSettings } from '#shared/test-settings.ts';
import type { Actor } from '#server/identity/actor.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { changesOfSettings } from '#server/audit/changes-of-settings.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import { changedMeanwhile, isUnchanged, nextUpdatedAt } from '#server/db/concurrent-change.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { nextRankedCursor, parseRankedCursor } from '#server/db/cursor.ts';
import { isListed, type ListFilter } from '#server/db/list-page.ts';
import { AppError } from '#server/lib/errors.ts';
import { findRecentVerdicts } from '#server/runs/history.ts';
import { findLastRuns } from '#server/runs/queries.ts';

const columns = ['id', 'name', 'script', 'settings', 'createdAt', 'updatedAt', 'archivedAt'] as const;

/** Runs of a test that its rank and its flake rate count, the newest ones. */
const measuredRuns = 20;

/** What each order sorts by, greatest first. */
const ranks: Record<TestSort, ReturnType<typeof sql>> = {
  new: sql`0`,
  failed: sql`last_failed`,
  flaky: sql`flaky::float8 / nullif(runs, 0)`,
  slow: sql`median_duration`,
};

/** The last runs of the test `tests`, by index. Runs of jobs count, too. */
const measured = sql`
  select count(*)::int as runs, (count(*) filter (where flaky or differs))::int as flaky,
    percentile_disc(0.501) within group (order by duration_ms) as median_duration,
    max(('x' || substr(replace(run_id::text, '-', ''), 1, 12))::bit(48)::bigint)
      filter (where status in ('failed', 'timed_out')) as last_failed
  from (
    select *, (status = 'passed') <> lag(status = 'passed') over (
      partition by script_hash order by run_id, position desc
    ) as differs
    from (
      select run_id, position, status, flaky, duration_ms, script_hash from run_tests
      where test_id = tests.id order by run_id desc, position limit ${measuredRuns}
    ) as newest where status in ('passed', 'failed', 'timed_out')
  ) as judged`;

/** The tests of a page, in the order of `sort`, and of the newest first. `search` matches names. */
export async function listTests(db: Database, projectId: string, filter: ListFilter & { sort: TestSort }) {
  const after = parseRankedCursor(filter.cursor);
  const rank = sql`coalesce(${ranks[filter.sort]}, -1)::float8`;
  const { rows } = await sql<{
    id: string;
    name: string;
    createdAt: string;
    updatedAt: string;
    archivedAt: string | null;
    runs: number;
    flaky: number;
    rank: number;
  }>`
    select id, name, created_at, updated_at, archived_at, runs, flaky, ${rank} as rank
    from tests cross join lateral (${measured}) as measured
    where ${isListed(projectId, { ...filter, cursor: null })}
      and ${after ? sql`(${rank}, id) < (${after.rank}, ${after.id}::uuid)` : sql`true`}
    order by rank desc, id desc limit ${filter.limit + 1}`.execute(db);
  const page = rows.slice(0, filter.limit);
  const ids = page.map((test) => test.id);
  const [lastRuns, verdictsOf] = await Promise.all([
    findLastRuns(db, 'testId', ids),
    findRecentVerdicts(db, 'test', ids),
  ]);
  return {
    items: page.map(({ rank: _, runs, flaky, ...test }) => ({
      ...test,
      /** Of its last runs that passed or failed, from 0 to 1; null without one. */
      flakeRate: runs === 0 ? null : flaky / runs,
      lastRun: lastRuns.get(test.id) ?? null,
      ...verdictsOf(test.id),
    })),
    nextCursor: nextRankedCursor(page, rows.length > filter.limit),
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

/** Undoes `archiveTest`. A test that is not archived stays as it is. Throws NOT_FOUND. */
export async function restoreTest(db: Database, actor: Actor, testId: string): Promise<void> {
  await getTest(db, actor.projectId, testId);
  await db.transaction().execute(async (trx) => {
    const test = await trx
      .updateTable('tests')
      .set({ archivedAt: null })
      .where('id', '=', testId)
      .where('archivedAt', 'is not', null)
      .returning('name')
      .executeTakeFirst();
    if (test) await recordAudit(trx, actor, { action: 'test.restored', target: { kind: 'test', id: testId, ...test } });
  });
}
