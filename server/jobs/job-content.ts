import type { SuiteOfJob, SuiteToRun } from '#shared/suites.ts';
import { optionsText } from '#shared/suite-run-text.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { storableText } from '#server/lib/storable-text.ts';

/** What a job runs: tests or a suite. What is not given stays as it is. */
export interface JobContent {
  /** In the order of execution. */
  testIds?: readonly string[] | undefined;
  suite?: SuiteToRun | undefined;
}

/** Makes a job run these tests, or this suite, instead of what it ran. Throws BAD_REQUEST that names what does not exist or is archived. */
export async function setContent(trx: Trx, projectId: string, jobId: string, content: JobContent): Promise<void> {
  if (content.testIds) await setTests(trx, projectId, jobId, content.testIds);
  if (content.suite) await setSuite(trx, projectId, jobId, content.suite);
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
  await trx
    .updateTable('jobs')
    .set({ suiteId: null, bundleId: null, suiteRun: null })
    .where('id', '=', jobId)
    .execute();
}

async function setSuite(trx: Trx, projectId: string, jobId: string, suite: SuiteToRun): Promise<void> {
  const { suiteId, bundleId = null, branch = null, fromGit, shards, wallTimeMs = null, options } = suite;
  const known = await trx
    .selectFrom('suites')
    .select('git')
    .where('id', '=', suiteId)
    .where('projectId', '=', projectId)
    .where('archivedAt', 'is', null)
    .forShare()
    .executeTakeFirst();
  if (!known)
    throw new AppError('BAD_REQUEST', `no such suite, or it is archived: ${suiteId}`, { field: 'suite.suiteId' });
  if (fromGit && !known.git)
    throw new AppError('BAD_REQUEST', 'the suite has no git source: set one on its page first', {
      field: 'suite.fromGit',
    });
  if (bundleId !== null) await checkBundle(trx, suiteId, bundleId);
  const suiteRun: SuiteOfJob = { isPinned: bundleId !== null, branch, fromGit, shards, wallTimeMs, options };
  await trx
    .updateTable('jobs')
    .set({ suiteId, bundleId, suiteRun: JSON.stringify(suiteRun) })
    .where('id', '=', jobId)
    .execute();
  await trx.deleteFrom('jobTests').where('jobId', '=', jobId).execute();
}

async function checkBundle(trx: Trx, suiteId: string, bundleId: string): Promise<void> {
  const bundle = await trx
    .selectFrom('suiteBundles')
    .select('id')
    .where('id', '=', bundleId)
    .where('suiteId', '=', suiteId)
    .forKeyShare()
    .executeTakeFirst();
  if (!bundle)
    throw new AppError('BAD_REQUEST', `the suite has no such bundle, or it was deleted: ${bundleId}`, {
      field: 'suite.bundleId',
    });
}

/** In the order of execution. */
export function findJobTests(db: Database, jobId: string) {
  return db
    .selectFrom('jobTests')
    .innerJoin('tests', 'tests.id', 'jobTests.testId')
    .select(['tests.id', 'tests.name', 'tests.script', 'tests.settings'])
    .where('jobTests.jobId', '=', jobId)
    .orderBy('jobTests.position')
    .execute();
}

/** What a job runs, as the audit log shows it: names of its tests, in order, cut after 1,000 characters; or its suite. */
export async function contentText(trx: Trx, jobId: string): Promise<{ tests: string; suite: string | null }> {
  const tests = await trx
    .selectFrom('jobTests')
    .innerJoin('tests', 'tests.id', 'jobTests.testId')
    .select('tests.name')
    .where('jobTests.jobId', '=', jobId)
    .orderBy('jobTests.position')
    .execute();
  const suite = await trx
    .selectFrom('jobs')
    .innerJoin('suites', 'suites.id', 'suiteId')
    .leftJoin('suiteBundles as bundle', 'bundle.id', 'bundleId')
    .select(['suites.name', 'hash', 'suiteRun'])
    .where('jobs.id', '=', jobId)
    .executeTakeFirst();
  const names = cut(tests.map(({ name }) => name).join(', '), ` (${tests.length})`);
  return { tests: names, suite: suite?.suiteRun ? cut(suiteText(suite.suiteRun, suite)) : null };
}

function suiteText(run: SuiteOfJob, { name, hash }: { name: string; hash: string | null }): string {
  const bundle = run.isPinned
    ? `bundle ${hash?.slice(0, 12) ?? 'deleted'}`
    : run.fromGit
      ? `from git, ${run.branch ?? 'its branch'}`
      : `newest of ${run.branch ?? 'all branches'}`;
  const parts = run.shards === 1 ? '' : `, parts: ${run.shards}`;
  return [`${name} (${bundle}${parts})`, optionsText(run.options)].filter(Boolean).join(' ');
}

const cut = (text: string, end = '') => (text.length > 1_000 ? `${storableText(text.slice(0, 1_000))}…${end}` : text);
