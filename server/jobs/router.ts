import { jobInputs } from '#shared/job-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { findBranches } from '#server/runs/branches.ts';
import { getHistory } from '#server/runs/history.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { triggerOf } from '#server/runs/start-run.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { checkSchedule, checkTimezone, previewSchedule } from './cron.ts';
import {
  archiveJob,
  getActiveJob,
  getJob,
  getJobDetails,
  insertJob,
  listJobs,
  restoreJob,
  updateJob,
} from './queries.ts';
import { runJob } from './run-job.ts';
import { type ScheduleServices, syncSchedule } from './sync-schedules.ts';

export function createJobsRouter(services: RunStarter & ScheduleServices) {
  const { db } = services;
  return router({
    list: procedure.viewer.input(jobInputs.list).query(({ ctx, input }) => listJobs(db, ctx.projectId, input)),

    byId: procedure.viewer
      .input(jobInputs.byId)
      .query(({ ctx, input }) => getJobDetails(db, ctx.projectId, input.jobId)),

    /** The job's last runs and what they come to. */
    history: procedure.viewer.input(jobInputs.history).query(async ({ ctx: { projectId }, input }) => {
      await getJob(db, projectId, input.jobId);
      return getHistory(db, 'job', input.jobId, input.limit);
    }),

    /** The branches on which the job has run, each with its newest run, the latest first. */
    branches: procedure.viewer.input(jobInputs.byId).query(async ({ ctx: { projectId }, input: { jobId } }) => {
      await getJob(db, projectId, jobId);
      return { items: await findBranches(db, { jobId }) };
    }),

    /** What a schedule means in words, and when it is due next; or what is wrong with it, which is no error while one types. */
    previewSchedule: procedure.viewer
      .input(jobInputs.previewSchedule)
      .query(({ input: { schedule, timezone, jobId } }) => previewSchedule(schedule, timezone, jobId)),

    create: procedure.editor.input(jobInputs.create).mutation(async ({ ctx, input }) => {
      const { projectId } = ctx;
      const { name, testIds, suite, schedule = null, timezone = 'UTC', timeoutMs = null, enabled = true } = input;
      const { overlap = 'skip', catchUp = 'last' } = input;
      checkTimezone(timezone);
      if (schedule) checkSchedule(schedule, timezone);
      const job = { name, schedule, timezone, timeoutMs, enabled, overlap, catchUp };
      const jobId = await insertJob(db, actorOf(ctx), job, { testIds, suite });
      await syncSchedule(services, projectId, jobId);
      return getJobDetails(db, projectId, jobId);
    }),

    /** What is not given stays as it is; `schedule: null` removes the schedule. CONFLICT: see `expectedUpdatedAt`. */
    update: procedure.editor.input(jobInputs.update).mutation(async ({ ctx, input }) => {
      const { projectId } = ctx;
      const { jobId, testIds, suite, expectedUpdatedAt, ...change } = input;
      const job = { ...(await getActiveJob(db, projectId, jobId)), ...change };
      checkTimezone(job.timezone);
      if (job.schedule) checkSchedule(job.schedule, job.timezone);
      await updateJob(db, actorOf(ctx), jobId, change, { testIds, suite, expectedUpdatedAt });
      await syncSchedule(services, projectId, jobId);
      return getJobDetails(db, projectId, jobId);
    }),

    /** Ends its schedule, too; its runs stay. */
    archive: procedure.editor.input(jobInputs.byId).mutation(async ({ ctx, input: { jobId } }) => {
      const { projectId } = ctx;
      await getJob(db, projectId, jobId);
      await archiveJob(db, actorOf(ctx), jobId);
      await syncSchedule(services, projectId, jobId);
      return { jobId };
    }),

    /** Undoes `archive`. CONFLICT, naming them, when tests or the suite of the job are archived. */
    restore: procedure.editor.input(jobInputs.byId).mutation(async ({ ctx, input: { jobId } }) => {
      const { projectId } = ctx;
      await getJob(db, projectId, jobId);
      await restoreJob(db, actorOf(ctx), jobId);
      await syncSchedule(services, projectId, jobId);
      return getJobDetails(db, projectId, jobId);
    }),

    run: procedure.editor.input(jobInputs.run).mutation(async ({ ctx, input }) => {
      const { id } = await getActiveJob(db, ctx.projectId, input.jobId);
      const actor = actorOf(ctx);
      return runJob(services, actor, {
        jobId: id,
        trigger: triggerOf(actor),
        idempotencyKey: input.idempotencyKey,
        commit: input.commit,
      });
    }),
  });
}
