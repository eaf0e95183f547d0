import { caseInputs } from '#shared/inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { getCaseGrid } from './case-grid.ts';
import { findStrips, findStripsOfRun, getCaseHistory } from './case-history.ts';
import { getCase } from './case-queries.ts';
import { listCases } from './list-cases.ts';
import { quarantineCase, releaseCase } from './quarantine.ts';
import { repeatCase } from './repeat-case.ts';
import { findRepetitions } from './repetitions.ts';

export function createCasesRouter(services: RunStarter) {
  const { db } = services;
  return router({
    byId: procedure.viewer.input(caseInputs.byId).query(({ ctx, input }) => getCase(db, ctx.projectId, input.caseId)),

    /** The cases with a result in the last `window` days, the worst first. */
    list: procedure.viewer
      .input(caseInputs.list)
      .query(({ ctx: { projectId }, input }) => listCases(db, { projectId, ...input })),

    /** The case's last results and what they come to, its first and its last failure, and its errors. */
    history: procedure.viewer
      .input(caseInputs.history)
      .query(({ ctx, input }) => getCaseHistory(db, ctx.projectId, input)),

    /** The last ten results and the median duration of each case, in no order. */
    strips: procedure.viewer.input(caseInputs.strips).query(async ({ ctx, input: { caseIds, branch } }) => ({
      items: await findStrips(db, ctx.projectId, caseIds, branch),
    })),

    /** The same of cases of a run, by their indexes. */
    stripsOfRun: procedure.viewer
      .input(caseInputs.stripsOfRun)
      .query(async ({ ctx, input }) => ({ items: await findStripsOfRun(db, ctx.projectId, input) })),

    /**
     * The last runs of a job or of a suite (on a branch), and the results of up to 100 of its cases in them: first those
     * that failed or were flaky.
     */
    grid: procedure.viewer.input(caseInputs.grid).query(({ ctx, input }) => getCaseGrid(db, ctx.projectId, input)),

    /** Queues a run of the case alone, several times. CONFLICT when there is nothing to run, TOO_MANY_REQUESTS when the queue is full. */
    repeat: procedure.editor
      .input(caseInputs.repeat)
      .mutation(({ ctx, input }) => repeatCase(services, actorOf(ctx), input)),

    /** What came of the newest such run, so far; and the command for a suite without a bundle. */
    repetitions: procedure.viewer
      .input(caseInputs.byId)
      .query(({ ctx, input }) => findRepetitions(db, ctx.projectId, input.caseId)),

    /** Until `expiresAt`, failures of the case fail nothing. */
    quarantine: procedure.editor.input(caseInputs.quarantine).mutation(async ({ ctx, input }) => {
      await quarantineCase(db, actorOf(ctx), input);
      return getCase(db, ctx.projectId, input.caseId);
    }),

    release: procedure.editor.input(caseInputs.byId).mutation(async ({ ctx, input }) => {
      await releaseCase(db, actorOf(ctx), input.caseId);
      return getCase(db, ctx.projectId, input.caseId);
    }),
  });
}
