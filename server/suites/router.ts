import { suiteInputs } from '#shared/inputs.ts';
import { suiteGitInputs } from '#shared/suite-git.ts';
import { bundleInput, bundleInputs } from '#shared/suites.ts';
import { actorOf } from '#server/identity/actor.ts';
import { findBranches } from '#server/runs/branches.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { getHistory } from '#server/runs/history.ts';
import { triggerOf } from '#server/runs/start-run.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { setBaseBranch } from './base-branch.ts';
import { deleteBundle, hasArchive, listBundles, pushBundle } from './bundles.ts';
import { createSuite, setGitSource } from './git-source.ts';
import { archiveSuite, getSuite, getSuiteDetails, listSuites, restoreSuite } from './queries.ts';
import type { BundleRemovalDeps } from './remove-bundles.ts';
import { runSuite } from './run-suite.ts';

export function createSuitesRouter(services: RunStarter & BundleRemovalDeps) {
  const { db } = services;
  return router({
    list: procedure.viewer.input(suiteInputs.list).query(({ ctx, input }) => listSuites(db, ctx.projectId, input)),

    byId: procedure.viewer
      .input(suiteInputs.byId)
      .query(({ ctx, input }) => getSuiteDetails(db, ctx.projectId, input.suiteId)),

    /** The suite's last runs, on all branches or on one, with a summary. */
    history: procedure.viewer.input(suiteInputs.history).query(async ({ ctx: { projectId }, input }) => {
      await getSuite(db, projectId, input.suiteId);
      return getHistory(db, 'suite', input.suiteId, input.limit, input.branch);
    }),

    /** The branches on which a suite, or any suite, has run, each with its newest run, the latest first. */
    branches: procedure.viewer.input(suiteInputs.branches).query(async ({ ctx: { projectId }, input: { suiteId } }) => {
      if (suiteId !== undefined) await getSuite(db, projectId, suiteId);
      return { items: await findBranches(db, suiteId === undefined ? { projectId } : { suiteId }) };
    }),

    /** Hides a suite from lists; its runs stay, and reported runs are still accepted. CONFLICT, naming the jobs, if jobs run it. */
    archive: procedure.editor.input(suiteInputs.byId).mutation(async ({ ctx, input: { suiteId } }) => {
      await archiveSuite(db, actorOf(ctx), suiteId);
      return { suiteId };
    }),

    /** Whether the bytes of a bundle are there; else they are sent to `PUT /api/bundles/<hash>`. */
    findBundle: procedure.editor
      .input(bundleInputs.find)
      .query(async ({ ctx, input }) => ({ isKnown: await hasArchive(db, ctx.projectId, input.hash) })),

    /** Makes a bundle of bytes that were sent, and the suite with its first bundle. NOT_FOUND if the bytes were not sent. */
    push: procedure.editor.input(bundleInput).mutation(({ ctx, input }) => pushBundle(db, actorOf(ctx), input)),

    /** The bundles of a suite, or of a branch of it, the newest first. */
    bundles: procedure.viewer.input(bundleInputs.list).query(({ ctx, input }) => listBundles(db, ctx.projectId, input)),

    /** Ends waiting runs of the bundle as `bundle_gone`; other runs stay. CONFLICT, naming the jobs, if jobs have pinned it. */
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
     * Sets the place of the suite in git, for runs with `fromGit`; null: none. CONFLICT, naming the jobs, if jobs run it from git.
     */
    setGit: procedure.editor.input(suiteGitInputs.set).mutation(async ({ ctx, input: { suiteId, git } }) => {
      await setGitSource(db, actorOf(ctx), suiteId, git);
      return getSuiteDetails(db, ctx.projectId, suiteId);
    }),

    /** Sets the branch that other branches are compared with; null: `main`, else `master`. */
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
