import type { z } from 'zod';
import type { CaseChoice } from '#shared/case-choice.ts';
import type { runInputs } from '#shared/inputs.ts';
import { isTerminal, isUnsuccessfulTest } from '#shared/run-status.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { commitOf } from './commit-columns.ts';
import { findFailedCases } from './failed-cases.ts';
import { getRun } from './queries.ts';
import { nameOfSome } from './partial-name.ts';
import { retrySuiteRun } from './retry-suite-run.ts';
import type { RunRow } from './run-state.ts';
import { repeatedBy } from './repeated-case.ts';
import { setupsOf } from './setup-scripts.ts';
import type { RunStarter } from './enqueue-run.ts';
import { findFrozenTests, startRun, type TestToRun } from './start-run.ts';

export type RetryInput = z.infer<typeof runInputs.retry>;

type FrozenTest = Awaited<ReturnType<typeof findFrozenTests>>[number];

/**
 * Queues a run of the same cases as an earlier run, or of those that failed, were interrupted or did not run, together with
 * the scripts that write their storage state. Throws NOT_FOUND, and CONFLICT when the earlier run is not over or
 * `failedOnly` leaves no case.
 */
export async function retryRun(
  starter: RunStarter,
  actor: Actor,
  { runId, failedOnly = false, idempotencyKey }: RetryInput,
): Promise<{ runId: string }> {
  const run = await getRun(starter.db, actor.projectId, runId);
  if (!isTerminal(run.status))
    throw new AppError(
      'CONFLICT',
      `The run is still ${run.status}. Cancel it or wait for it to end before running it again.`,
    );
  if (run.origin === 'reporter')
    throw new AppError('CONFLICT', 'The run was reported from elsewhere: run its suite again there.');
  if (run.kind === 'suite') return retrySuiteRun(starter, actor, run, { failedOnly, idempotencyKey });
  const all = await findFrozenTests(starter.db, runId);
  const repeated = repeatedBy(run);
  // Repetitions are repeated as a whole: each of them is the same case.
  const chosen =
    failedOnly && !repeated ? await chooseFailed(starter, run, all) : { tests: all, name: run.name, isSome: false };
  return startRun(starter, actor, {
    kind: run.kind,
    sourceId: run.testId ?? run.jobId!,
    name: chosen.name,
    trigger: 'retry',
    retryOf: run.id,
    partial: run.partial || chosen.isSome,
    repeated,
    idempotencyKey,
    commit: commitOf(run),
    timeoutMs: run.timeoutMs,
    tests: chosen.tests.map(({ testId, name, script, settings, choice }) => ({
      testId,
      name,
      script,
      settings,
      choice,
    })),
  });
}

async function chooseFailed({ db }: RunStarter, run: RunRow, all: readonly FrozenTest[]) {
  const cases = await findFailedCases(db, run.id);
  const choices = new Map<number, CaseChoice | null>();
  let count = 0;
  for (const { position, status, choice } of all) {
    const { total, failed } = cases.get(position) ?? { total: 1, failed: [] };
    // A script can fail outside of its cases.
    const isWhole = failed.length === total || (failed.length === 0 && isUnsuccessfulTest(status));
    if (!isWhole && failed.length === 0) continue;
    count += isWhole ? total : failed.length;
    choices.set(position, isWhole ? choice : { cases: failed });
  }
  if (choices.size === 0)
    throw new AppError('CONFLICT', 'No case of the run failed, so there is nothing to run again.');
  // The last first: a setup may have a setup of its own.
  for (const { position } of all.toReversed())
    if (choices.has(position)) for (const setup of setupsOf(all, position)) choices.set(setup, all[setup]!.choice);
  const tests = all.filter(({ position }) => choices.has(position));
  const chosen = tests.map((test): TestToRun => ({ ...test, choice: choices.get(test.position)! }));
  const isSome = tests.length < all.length || tests.some(({ choice }, index) => choice !== chosen[index]!.choice);
  return { tests: chosen, name: isSome ? nameOfSome(run, count) : run.name, isSome };
}
