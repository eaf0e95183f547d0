import { sql } from 'kysely';
import { gitText, type SuiteGit } from '#shared/suite-git.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { lockSuite } from '#server/runs/lock-suite.ts';
import { getSuite } from './queries.ts';
import { namesOfJobs } from './used-by-jobs.ts';

/**
 * Adds a suite that is only in git so far. Throws CONFLICT when there is one of this name, also an archived one, and what
 * `setGitSource` and `lockSuite` throw.
 */
export async function createSuite(db: Database, actor: Actor, name: string, git: SuiteGit): Promise<string> {
  const { projectId } = actor;
  return db.transaction().execute(async (trx) => {
    const suite = await lockSuite(trx, projectId, storableText(name));
    if (!suite.isNew)
      throw new AppError('CONFLICT', `There is a suite "${suite.name}" already: set the git source on its page.`, {
        field: 'name',
      });
    await saveSource(trx, projectId, suite.id, git);
    await recordAudit(trx, actor, {
      action: 'suite.created',
      target: { kind: 'suite', id: suite.id, name: suite.name },
      details: { changes: { git: { from: null, to: gitText(git) } } },
    });
    return suite.id;
  });
}

/**
 * Sets where a suite is in git; null: nowhere. Throws NOT_FOUND, BAD_REQUEST unless the variable of the token is a secret one of the
 * project, and CONFLICT when the suite is archived, or naming the jobs that run it from git when the source is removed.
 */
export async function setGitSource(db: Database, actor: Actor, suiteId: string, git: SuiteGit | null): Promise<void> {
  const { projectId } = actor;
  await getSuite(db, projectId, suiteId);
  await db.transaction().execute(async (trx) => {
    // Saving a job locks its suite, too, so none begins to need the source meanwhile.
    const suite = await trx
      .selectFrom('suites')
      .select(['name', 'git', 'archivedAt'])
      .where('id', '=', suiteId)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    if (suite.archivedAt) throw new AppError('CONFLICT', `The suite "${suite.name}" is archived.`);
    if (git === null) await refuseIfFetched(trx, suiteId);
    const changes = changesOf({ git: suite.git && gitText(suite.git) }, { git: git && gitText(git) });
    await saveSource(trx, projectId, suiteId, git);
    if (!changes) return;
    await recordAudit(trx, actor, {
      action: 'suite.git_changed',
      target: { kind: 'suite', id: suiteId, name: suite.name },
      details: { changes },
    });
  });
}

async function saveSource(trx: Trx, projectId: string, suiteId: string, git: SuiteGit | null): Promise<void> {
  if (git?.tokenVariable) await checkVariable(trx, projectId, git.tokenVariable);
  await trx
    .updateTable('suites')
    .set({ git: git && JSON.stringify(git) })
    .where('id', '=', suiteId)
    .execute();
}

async function checkVariable(trx: Trx, projectId: string, name: string): Promise<void> {
  const variable = await trx
    .selectFrom('variables')
    .select('isSecret')
    .where('projectId', '=', projectId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (variable?.isSecret) return;
  const wrong = variable
    ? 'is not secret: set it again as a secret one'
    : 'does not exist: set it first, as a secret one';
  throw new AppError('BAD_REQUEST', `the variable ${name} ${wrong}`, { field: 'git.tokenVariable' });
}

async function refuseIfFetched(trx: Trx, suiteId: string): Promise<void> {
  const jobs = await trx
    .selectFrom('jobs')
    .select('name')
    .where('suiteId', '=', suiteId)
    .where('archivedAt', 'is', null)
    .where(sql<boolean>`suite_run->'fromGit' = 'true'`)
    .orderBy('name')
    .execute();
  if (jobs.length > 0)
    throw new AppError(
      'CONFLICT',
      `The suite is run from git by ${namesOfJobs(jobs)}; choose another bundle there first.`,
    );
}
