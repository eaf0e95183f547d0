import { suiteInputs } from '#shared/inputs.ts';
import { suiteGitInputs } from '#shared/suite-git.ts';
import { bundleInput, bundleInputs } from '#shared/suites.ts';
import { actorOf } from '#server/identity/actor.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { getHistory } from '#server/runs/history.ts';
import { triggerOf } from '#server/runs/start-run.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { setBaseBranch } from './base-branch.ts';
import { deleteBundle, hasArchive, listBundles, pushBundle } from './bundles.ts';
import { createSuite, setGitSource } from './git-source.ts';
import { archiveSuite, findBranches, getSuite, getSuiteDetails, listSuites, restoreSuite } from './queries.ts';
import type { BundleRemovalDeps } from './remove-bundles.ts';
import { runSuite } from './run-suite.ts';

export function createSuitesRouter(services: RunStarter & BundleRemovalDeps) {
  const { db } = services;
  return router({
    list: procedure.viewer.input(suiteInputs.list).query(({ ctx, input }) => listSuites(db, ctx.projectId, input)),

    byId: procedure.viewer
      .input(suiteInputs.byId)
      .query(({ ctx, input }) => getSuiteDetails(db, ctx.projectId, input.suiteId)),

    /** The suite's last runs, of all branches or of one, and what they come to. */
    history: procedure.viewer.input(suiteInputs.history).query(async ({ ctx: { projectId }, input }) => {
      await getSuite(db, projectId, input.suiteId);
      return getHistory(db, 'suite', input.suiteId, input.limit, input.branch);
    }),

    /** The branches that a suite, or any of them, ran of, with their newest runs, those that ran last first. */
    branches: procedure.viewer
      .input(suiteInputs.branches)
      .query(async ({ ctx, input }) => ({ items: await findBranches(db, ctx.projectId, input.suiteId) })),

    /** It leaves the list; its runs stay, and reported ones are still accepted. CONFLICT, naming them, when jobs run it. */
    archive: procedure.editor.input(suiteInputs.byId).mutation(async ({ ctx, input: { suiteId } }) => {
      await archiveSuite(db, actorOf(ctx), suiteId);
      return { suiteId };
    }),

    /** Whether the bytes of a bundle are there; else they are sent to `PUT /api/bundles/<hash>`. */
    findBundle: procedure.editor
      .input(bundleInputs.find)
      .query(async ({ ctx, input }) => ({ isKnown: await hasArchive(db, ctx.projectId, input.hash) })),

    /** Makes a bundle of bytes that were sent, and the suite if it is its first. NOT_FOUND if they were not. */
    push: procedure.editor.input(bundleInput).mutation(({ ctx, input }) => pushBundle(db, actorOf(ctx), input)),

    /** The bundles of a suite, or of a branch of it, the newest first. */
    bundles: procedure.viewer.input(bundleInputs.list).query(({ ctx, input }) => listBundles(db, ctx.projectId, input)),

    /** Runs of it that wait end as `bundle_gone`; others stay as they are. CONFLICT, naming them, when jobs have pinned it. */
    deleteBundle: procedure.editor.input(bundleInputs.byId).mutation(async ({ ctx, input: { bundleId } }) => {
      await deleteBundle(services, actorOf(ctx), bundleId);
      return { bundleId };
    }),

    /** Queues a run of a bundle on workers. TOO_MANY_REQUESTS when the queue is full. */
    run: procedure.editor.input(bundleInputs.run).mutation(({ ctx, input }) => {
      const { timeoutMs = null, idempotencyKey, ...suite } = input;
      const actor = actorOf(ctx);
      return runSuite(services, actor, suite, { trigger: triggerOf(actor), timeoutMs, idempotencyKey });
    }),

    /** Adds a suite that workers fetch from git. CONFLICT when there is one of this name. */
    create: procedure.editor.input(suiteGitInputs.create).mutation(async ({ ctx, input: { name, git } }) => {
      const suiteId = await createSuite(db, actorOf(ctx), name, git);
      return getSuiteDetails(db, ctx.projectId, suiteId);
    }),

    /**
     * Sets where the suite is in git, for runs with `fromGit`; null: nowhere. CONFLICT, naming them, when jobs run it from there.
     */
    setGit: procedure.editor.input(suiteGitInputs.set).mutation(async ({ ctx, input: { suiteId, git } }) => {
      await setGitSource(db, actorOf(ctx), suiteId, git);
      return getSuiteDetails(db, ctx.projectId, suiteId);
    }),

    /** Sets the branch whose newest run those of other branches are compared with; null: `main`, else `master`. */
    setBaseBranch: procedure.editor
      .input(suiteInputs.setBaseBranch)
      .mutation(async ({ ctx, input: { suiteId, branch } }) => {
        await setBaseBranch(db, actorOf(ctx), suiteId, branch);
        return getSuiteDetails(db, ctx.projectId, suiteId);
      }),

    /** Undoes `archive`. */
    restore: procedure.editor.input(suiteInputs.byId).mutation(async ({ ctx, input: { suiteId } }) => {
      await restoreSuite(db, actorOf(ctx), suiteId);
      return getSuiteDetails(db, ctx.projectId, suiteId);
    }),
  });
}
