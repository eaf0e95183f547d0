import type { z } from 'zod';
import type { caseInputs } from '#shared/inputs.ts';
import { withRepetition } from '#shared/repetitions.ts';
import { type ListedCase, titleSeparator } from '#shared/run-cases.ts';
import type { SuiteRunOptions } from '#shared/suites.ts';
import { mergeSettings } from '#shared/test-settings.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { getProjectSettings } from '#server/projects/settings.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { partialName } from '#server/runs/partial-name.ts';
import { getRun } from '#server/runs/queries.ts';
import { findFrozenTests, startRun, triggerOf } from '#server/runs/start-run.ts';
import { startSuiteRun } from '#server/runs/start-suite-run.ts';
import { getSuite } from '#server/suites/queries.ts';
import { getNewestBundle } from '#server/suites/run-suite.ts';
import { getActiveTest } from '#server/tests/queries.ts';
import { type CaseHead, caseNotFound, getCase } from './case-queries.ts';

export type RepeatInput = z.infer<typeof caseInputs.repeat>;

/**
 * Queues a run of one case, several times and without retries: of the code that the named run ran, else of the newest bundle of its
 * suite, or of its test as it is now. Throws NOT_FOUND, CONFLICT when that code is gone or archived, and as `enqueueRun`.
 */
export async function repeatCase(starter: RunStarter, actor: Actor, input: RepeatInput): Promise<{ runId: string }> {
  const subject = await getCase(starter.db, actor.projectId, input.caseId);
  const run = input.runId === undefined ? undefined : await getRun(starter.db, actor.projectId, input.runId);
  if (run && run.suiteId !== subject.suiteId) notInRun(subject.id, run.id);
  const more = {
    trigger: triggerOf(actor),
    partial: true,
    repeated: { caseId: subject.id, times: input.times },
    idempotencyKey: input.idempotencyKey ?? null,
    timeoutMs: null,
  } as const;
  if (subject.suiteId !== null) {
    const suite = await getSuite(starter.db, actor.projectId, subject.suiteId);
    if (suite.archivedAt) throw new AppError('CONFLICT', `The suite "${suite.name}" is archived.`);
    return startSuiteRun(starter, actor, {
      ...more,
      suiteId: suite.id,
      bundleId:
        run?.origin === 'worker' ? await getBundleOf(starter.db, run.id) : await getNewestBundle(starter.db, suite),
      name: nameOf(suite.name, subject, input.times),
      suite: repeatedCase(subject, input.times),
    });
  }
  const test = await findTest(starter.db, actor.projectId, subject, run?.id);
  return startRun(starter, actor, {
    ...more,
    kind: 'test',
    sourceId: test.testId,
    name: nameOf(test.name, subject, input.times),
    tests: [
      {
        ...test,
        settings: { ...test.settings, retries: 0, repeatEach: input.times },
        choice: { cases: [{ project: subject.project, title: subject.titlePath.join(titleSeparator) }] },
      },
    ],
  });
}

/** The bundle that a run ran, which need not be the newest one. */
async function getBundleOf(db: Database, runId: string): Promise<string> {
  const { bundleId } = await db.selectFrom('runs').select('bundleId').where('id', '=', runId).executeTakeFirstOrThrow();
  if (bundleId !== null) return bundleId;
  throw new AppError(
    'CONFLICT',
    'The bundle of the run was deleted. Repeat the case on its own page, or without runId: that takes the newest one.',
  );
}

/**
 * Every repetition is chosen, since suites tell them apart. A failure neither is tried again nor ends the run: both would hide how
 * often the case fails.
 */
function repeatedCase({ project, file, titlePath }: CaseHead, times: number): SuiteRunOptions {
  return {
    options: { args: [`--repeat-each=${times}`, '--retries=0', '--max-failures=0'] },
    shards: 1,
    choice: Array.from({ length: times }, (_, repeat) => ({
      project,
      file,
      titlePath: withRepetition(titlePath, repeat),
    })),
  };
}

/** The script of the case as the run had it, or as it is now. */
async function findTest(db: Database, projectId: string, subject: CaseHead, runId: string | undefined) {
  const { id: caseId, testId, titlePath } = subject;
  if (testId === null) caseNotFound(caseId);
  if (titlePath.length === 0)
    throw new AppError('CONFLICT', 'Playwright could not list the cases of the script, so there is none to repeat.');
  if (runId === undefined) {
    const { name, script, settings } = await getActiveTest(db, projectId, testId);
    return { testId, name, script, settings: mergeSettings(await getProjectSettings(db, projectId), settings) };
  }
  const tests = await findFrozenTests(db, runId);
  const found = tests.find((test) => test.testId === testId);
  if (!found) notInRun(caseId, runId);
  const { name, script, settings } = found;
  return { testId, name, script, settings };
}

function notInRun(caseId: string, runId: string): never {
  throw new AppError('NOT_FOUND', `The run ${runId} does not have the case ${caseId}.`);
}

/** `Shop › pays 10 times`. */
function nameOf(name: string, { titlePath }: Pick<ListedCase, 'titlePath'>, times: number): string {
  return partialName(name, `${(titlePath.at(-1) ?? '').slice(0, 100)} ${times} times`);
}
