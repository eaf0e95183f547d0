import { sql } from 'kysely';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import { isListed, type ListFilter, toPage } from '#server/db/list-page.ts';
import { AppError } from '#server/lib/errors.ts';
import type { Actor } from '#server/identity/actor.ts';
import { findRecentVerdicts } from '#server/runs/history.ts';
import { findNewestBundle } from '#server/runs/find-bundles.ts';
import { findLastRuns } from '#server/runs/queries.ts';
import { findJobsThatUse, refuseIfUsed } from './used-by-jobs.ts';

const columns = ['id', 'name', 'createdAt', 'archivedAt', 'git', 'baseBranch'] as const;

/** The suite has a bundle, so that workers can run it. */
const isRunnable = sql<boolean>`exists (select from suite_bundles where suite_id = suites.id)`.as('isRunnable');

/** Pass rates and flaky cases are those of this many newest runs. */
const countedRuns = 50;

/** Lists suites, the newest first. */
export async function listSuites(db: Database, projectId: string, filter: ListFilter) {
  const rows = await db
    .selectFrom('suites')
    .select([...columns, isRunnable])
    .where(isListed(projectId, filter))
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
    .execute();
  const page = toPage(rows, filter);
  const ids = page.items.map(({ id }) => id);
  const [lastRuns, verdictsOf, ratesOf] = await Promise.all([
    findLastRuns(db, 'suiteId', ids),
    findRecentVerdicts(db, 'suite', ids),
    findRates(db, ids),
  ]);
  return {
    ...page,
    items: page.items.map((suite) => ({
      ...suite,
      lastRun: lastRuns.get(suite.id) ?? null,
      ...verdictsOf(suite.id),
      ...ratesOf(suite.id),
    })),
  };
}

interface Rates {
  suiteId: string;
  judged: number;
  passed: number;
  flaky: number;
}

/** For the last 50 runs of each suite: the numbers of runs with a verdict, of passed runs, and of cases that were flaky in any. */
async function findRates(db: Database, suiteIds: readonly string[]) {
  const { rows } = await sql<Rates>`
    select suite.id as suite_id, totals.judged, totals.passed,
      case when totals.flaky = 0 then 0 else (
        select count(*)::int from cases where cases.suite_id = suite.id and exists (
          select from run_cases as result
          where result.case_id = cases.id and result.repeat is null and result.run_id >= totals.first and (result.status in ('failed', 'timed_out') or result.flaky)
            and result.flaky
        )
      ) end as flaky
    from unnest(${suiteIds}::uuid[]) as suite(id)
    cross join lateral (
      select (count(*) filter (where status in ('passed', 'failed', 'error', 'timed_out')))::int as judged,
        (count(*) filter (where status = 'passed'))::int as passed, coalesce(sum(flaky), 0)::int as flaky,
        (array_agg(id order by id))[1] as first
      from (
        select id, status, flaky from runs where suite_id = suite.id and repeats is null order by id desc limit ${countedRuns}
      ) as newest
    ) as totals`.execute(db);
  const bySuite = new Map(rows.map((row) => [row.suiteId, row]));
  return (suiteId: string) => {
    const { judged = 0, passed = 0, flaky = 0 } = bySuite.get(suiteId) ?? {};
    return {
      /** Share of the last 50 runs that passed, from 0 to 1; null if none passed or failed. */
      passRate: judged === 0 ? null : passed / judged,
      /** Cases that were flaky in one of the last 50 runs. */
      flaky,
    };
  };
}

/** Includes archived suites. Throws NOT_FOUND. */
export async function getSuite(db: Database, projectId: string, suiteId: string) {
  const suite = await db
    .selectFrom('suites')
    .select([...columns, isRunnable])
    .where('id', '=', suiteId)
    .where('projectId', '=', projectId)
    .executeTakeFirst();
  if (!suite) throw new AppError('NOT_FOUND', `There is no suite ${suiteId}.`);
  return suite;
}

export async function getSuiteDetails(db: Database, projectId: string, suiteId: string) {
  const suite = await getSuite(db, projectId, suiteId);
  const [lastRuns, newestBundle, jobs] = await Promise.all([
    findLastRuns(db, 'suiteId', [suiteId]),
    findNewestBundle(db, suiteId),
    findJobsThatUse(db, 'suiteId', suiteId),
  ]);
  const lastRunsOfJobs = await findLastRuns(
    db,
    'jobId',
    jobs.map(({ id }) => id),
  );
  return {
    ...suite,
    lastRun: lastRuns.get(suiteId) ?? null,
    /** Null: the suite cannot be run here. */
    newestBundle: newestBundle ?? null,
    /** The jobs that run the suite. */
    jobs: jobs.map((job) => ({ ...job, lastRun: lastRunsOfJobs.get(job.id) ?? null })),
  };
}

/**
 * Archiving twice changes nothing. A suite that is reported again stays archived. Throws NOT_FOUND, and CONFLICT naming the jobs
 * that run the suite.
 */
export async function archiveSuite(db: Database, actor: Actor, suiteId: string): Promise<void> {
  await setArchived(db, actor, suiteId, true);
}

/** Undoes `archiveSuite`. A suite that is not archived stays as it is. Throws NOT_FOUND. */
export async function restoreSuite(db: Database, actor: Actor, suiteId: string): Promise<void> {
  await setArchived(db, actor, suiteId, false);
}

async function setArchived(db: Database, actor: Actor, suiteId: string, archived: boolean) {
  await getSuite(db, actor.projectId, suiteId);
  await db.transaction().execute(async (trx) => {
    // Saving a job locks its suite, too, so none is archived while a job chooses it.
    const suite = await trx
      .updateTable('suites')
      .set({ archivedAt: archived ? sql<string>`now()` : null })
      .where('id', '=', suiteId)
      .where('archivedAt', archived ? 'is' : 'is not', null)
      .returning('name')
      .executeTakeFirst();
    if (!suite) return;
    if (archived) await refuseIfUsed(trx, 'suiteId', suiteId);
    await recordAudit(trx, actor, {
      action: archived ? 'suite.archived' : 'suite.restored',
      target: { kind: 'suite', id: suiteId, name: suite.name },
    });
  });
}
