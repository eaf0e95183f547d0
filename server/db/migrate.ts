import { type Migration, Migrator } from 'kysely';
import type { Database } from './database.ts';
import * as initial from '#server/db/migrations/0001-initial.ts';
import * as workers from '#server/db/migrations/0002-workers.ts';
import * as runLists from '#server/db/migrations/0003-run-lists.ts';
import * as testHistory from '#server/db/migrations/0004-test-history.ts';
import * as accounts from '#server/db/migrations/0005-accounts.ts';
import * as variables from '#server/db/migrations/0006-variables.ts';
import * as retention from '#server/db/migrations/0007-retention.ts';
import * as auditEvents from '#server/db/migrations/0008-audit-events.ts';
import * as artifactNames from '#server/db/migrations/0009-artifact-names.ts';
import * as passwordResets from '#server/db/migrations/0010-password-resets.ts';
import * as keyCreators from '#server/db/migrations/0011-key-creators.ts';
import * as projectRoles from '#server/db/migrations/0012-project-roles.ts';
import * as notRun from '#server/db/migrations/0013-not-run.ts';
import * as linkMakers from '#server/db/migrations/0014-link-makers.ts';
import * as missedStarts from '#server/db/migrations/0015-missed-starts.ts';
import * as plainVariables from '#server/db/migrations/0016-plain-variables.ts';
import * as cases from '#server/db/migrations/0017-cases.ts';
import * as settings from '#server/db/migrations/0018-settings.ts';
import * as caseStatistics from '#server/db/migrations/0019-case-statistics.ts';
import * as suites from '#server/db/migrations/0020-suites.ts';
import * as reportUsage from '#server/db/migrations/0021-report-usage.ts';
import * as partialRuns from '#server/db/migrations/0022-partial-runs.ts';
import * as newestResults from '#server/db/migrations/0023-newest-results.ts';
import * as suiteBundles from '#server/db/migrations/0024-suite-bundles.ts';
import * as partPhases from '#server/db/migrations/0025-part-phases.ts';
import * as suitePlans from '#server/db/migrations/0026-suite-plans.ts';
import * as suiteJobs from '#server/db/migrations/0027-suite-jobs.ts';
import * as repeatedCases from '#server/db/migrations/0028-repeated-cases.ts';
import * as storedFiles from '#server/db/migrations/0031-stored-files.ts';
import * as suiteGit from '#server/db/migrations/0032-suite-git.ts';
import * as notifications from '#server/db/migrations/0033-notifications.ts';
import * as shareLinks from '#server/db/migrations/0034-share-links.ts';
import * as badges from '#server/db/migrations/0035-badges.ts';
import * as branches from '#server/db/migrations/0036-branches.ts';
import * as autovacuum from '#server/db/migrations/0038-autovacuum.ts';

/**
 * Applied in this order and never edited once released; `npm run db:new` adds one. `<name>.rows.sql` beside a migration has
 * the rows of new and changed tables, as Runlight writes them from then on: `upgrade.test.ts` upgrades them.
 */
const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-workers': workers,
  '0003-run-lists': runLists,
  '0004-test-history': testHistory,
  '0005-accounts': accounts,
  '0006-variables': variables,
  '0007-retention': retention,
  '0008-audit-events': auditEvents,
  '0009-artifact-names': artifactNames,
  '0010-password-resets': passwordResets,
  '0011-key-creators': keyCreators,
  '0012-project-roles': projectRoles,
  '0013-not-run': notRun,
  '0014-link-makers': linkMakers,
  '0015-missed-starts': missedStarts,
  '0016-plain-variables': plainVariables,
  '0017-cases': cases,
  '0018-settings': settings,
  '0019-case-statistics': caseStatistics,
  '0020-suites': suites,
  '0021-report-usage': reportUsage,
  '0022-partial-runs': partialRuns,
  '0023-newest-results': newestResults,
  '0024-suite-bundles': suiteBundles,
  '0025-part-phases': partPhases,
  '0026-suite-plans': suitePlans,
  '0027-suite-jobs': suiteJobs,
  '0028-repeated-cases': repeatedCases,
  '0031-stored-files': storedFiles,
  '0032-suite-git': suiteGit,
  '0033-notifications': notifications,
  '0034-share-links': shareLinks,
  '0035-badges': badges,
  '0036-branches': branches,
  '0038-autovacuum': autovacuum,
};

/** In the order in which they are applied. */
export const migrationNames: readonly string[] = Object.keys(migrations);

/**
 * Brings the schema up to date, or only up to the migration `to`. One process at a time does so (Kysely holds a lock).
 * Throws, with nothing half applied, when a migration fails or a newer Runlight has migrated the database.
 */
export async function migrate(db: Database, to = migrationNames.at(-1)!): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateTo(to);
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName;
  const cause = error instanceof Error ? error.message : String(error);
  throw new Error(failed ? `Migration ${failed} failed: ${cause}` : `The database cannot be migrated: ${cause}`, {
    cause: error,
  });
}
