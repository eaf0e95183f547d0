import { testChannels } from '#shared/channels.ts';
import type { TestStatusEvent } from '#shared/events.ts';
import { maxScriptBytes, testInputs } from '#shared/inputs.ts';
import { isTerminal } from '#shared/run-status.ts';
import { mergeSettings } from '#shared/test-settings.ts';
import { actorOf } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { followState } from '#server/live/follow-state.ts';
import type { Hub } from '#server/live/hub.ts';
import { memoize } from '#server/live/memoize.ts';
import { checkDevice, getProjectSettings } from '#server/projects/settings.ts';
import { findBranches } from '#server/runs/branches.ts';
import { columnsOfCommit } from '#server/runs/commit-columns.ts';
import { getHistory } from '#server/runs/history.ts';
import { partialName } from '#server/runs/partial-name.ts';
import type { RunReads } from '#server/runs/reads.ts';
import { toTestStatus } from '#server/runs/run-state.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { startRun, triggerOf } from '#server/runs/start-run.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import {
  archiveTest,
  getActiveTest,
  getTest,
  getTestDetails,
  insertTest,
  listTests,
  restoreTest,
  testNotFound,
  updateTest,
} from './queries.ts';
import { createTestReads } from './reads.ts';

function checkSize(script: string | undefined): void {
  const bytes = Buffer.byteLength(script ?? '');
  if (bytes > maxScriptBytes)
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `the script has ${bytes.toLocaleString('en')} bytes; at most ${maxScriptBytes.toLocaleString('en')} (1 MiB) are allowed`,
      { field: 'script' },
    );
}

/** Newer runs after older ones, and a run's later states after its earlier ones. */
const positionOf = memoize(({ status, runId, version }: TestStatusEvent) => {
  if (status === 'waiting') return { id: 'waiting', order: '' };
  if (version == null || runId == null) return undefined;
  return { id: `${runId}:${version}`, order: `${runId}:${String(version).padStart(15, '0')}` };
});

const testStatusOf = memoize(toTestStatus);

export function createTestsRouter(services: RunStarter & { hub: Hub; runReads: RunReads }) {
  const { db, hub, runReads } = services;
  const reads = createTestReads(db);
  return router({
    list: procedure.viewer.input(testInputs.list).query(({ ctx, input }) => listTests(db, ctx.projectId, input)),

    byId: procedure.viewer
      .input(testInputs.byId)
      .query(({ ctx, input }) => getTestDetails(db, ctx.projectId, input.testId)),

    /** The test's last runs, those of jobs that hold it too, and what they come to. */
    history: procedure.viewer.input(testInputs.history).query(async ({ ctx: { projectId }, input }) => {
      await getTest(db, projectId, input.testId);
      return getHistory(db, 'test', input.testId, input.limit);
    }),

    /** The branches on which the test has run, also in jobs, each with its newest run, the latest first. */
    branches: procedure.viewer.input(testInputs.byId).query(async ({ ctx: { projectId }, input: { testId } }) => {
      await getTest(db, projectId, testId);
      return { items: await findBranches(db, { testId }) };
    }),

    create: procedure.editor.input(testInputs.create).mutation(async ({ ctx, input }) => {
      checkSize(input.script);
      checkDevice(input.settings);
      const id = await insertTest(db, actorOf(ctx), input);
      return getTestDetails(db, ctx.projectId, id);
    }),

    /** CONFLICT: see `expectedUpdatedAt`. */
    update: procedure.editor.input(testInputs.update).mutation(async ({ ctx, input }) => {
      checkSize(input.script);
      checkDevice(input.settings);
      await updateTest(db, actorOf(ctx), input);
      return getTestDetails(db, ctx.projectId, input.testId);
    }),

    /** CONFLICT, naming the jobs, while a job uses the test. */
    archive: procedure.editor.input(testInputs.byId).mutation(async ({ ctx, input: { testId } }) => {
      await archiveTest(db, actorOf(ctx), testId);
      return { testId };
    }),

    /** Undoes `archive`. */
    restore: procedure.editor.input(testInputs.byId).mutation(async ({ ctx, input: { testId } }) => {
      await restoreTest(db, actorOf(ctx), testId);
      return getTestDetails(db, ctx.projectId, testId);
    }),

    run: procedure.editor.input(testInputs.run).mutation(async ({ ctx, input }) => {
      const { line } = input;
      const { id, name, script, settings } = await getActiveTest(db, ctx.projectId, input.testId);
      const defaults = await getProjectSettings(db, ctx.projectId);
      const actor = actorOf(ctx);
      return startRun(services, actor, {
        kind: 'test',
        sourceId: id,
        name: line === undefined ? name : partialName(name, `line ${line}`),
        trigger: triggerOf(actor),
        partial: line !== undefined,
        idempotencyKey: input.idempotencyKey,
        commit: input.commit && columnsOfCommit(input.commit),
        timeoutMs: null,
        tests: [
          {
            testId: id,
            name,
            script,
            settings: mergeSettings(defaults, settings),
            ...(line !== undefined && { choice: { cases: [], line } }),
          },
        ],
      });
    }),

    /**
     * State of one run of the test or, without `runId`, of its newest: now and at every change; ends when that run
     * does. A test that never ran is `waiting`.
     */
    onStatus: procedure.viewer.input(testInputs.onStatus).subscription(({ ctx: { projectId }, input, signal }) => {
      const { testId, runId } = input;
      const { status, complete } = testChannels(testId);
      return followState(
        { hub, signal },
        {
          channels: [status, complete],
          accepts: (event) => runId == null || event.runId == null || event.runId === runId,
          read: async (): Promise<TestStatusEvent> => {
            const { byId, newestOfTest } = runReads;
            const run = await (runId ? byId(runId) : newestOfTest(testId));
            if (run?.projectId === projectId && run.testId === testId) return testStatusOf(run);
            if (runId) throw new AppError('NOT_FOUND', `The test ${testId} has no run ${runId}.`);
            if ((await reads.projectOf(testId)) !== projectId) testNotFound(testId);
            return { status: 'waiting', testId };
          },
          position: positionOf,
          isFinal: (event) => isTerminal(event.status),
          lastEventId: input.lastEventId,
        },
      );
    }),
  });
}
