import { jobInputs } from '#shared/inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { getHistory } from '#server/runs/history.ts';
import { triggerOf } from '#server/runs/start-run.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { checkSchedule, checkTimezone, previewSchedule } from './cron.ts';
import { archiveJob, getActiveJob, getJob, getJobDetails, insertJob, listJobs, updateJob } from './queries.ts';
import { runJob } from './run-job.ts';
import { syncSchedule } from './sync-schedules.ts';

export const jobsRouter = router({
  list: procedure.viewer
    .input(jobInputs.list)
    .query(({ ctx, input }) => listJobs(ctx.services.db, ctx.projectId, input)),

  byId: procedure.viewer
    .input(jobInputs.byId)
    .query(({ ctx, input }) => getJobDetails(ctx.services.db, ctx.projectId, input.jobId)),

  /** The job's last runs and what they come to. */
  history: procedure.viewer.input(jobInputs.history).query(async ({ ctx: { services, projectId }, input }) => {
    await getJob(services.db, projectId, input.jobId);
    return getHistory(services.db, 'job', input.jobId, input.limit);
  }),

  /** What a schedule means in words, and when it is due next; or what is wrong with it, which is no error while one types. */
  previewSchedule: procedure.viewer
    .input(jobInputs.previewSchedule)
    .query(({ input: { schedule, timezone } }) => previewSchedule(schedule, timezone)),

  create: procedure.editor.input(jobInputs.create).mutation(async ({ ctx, input }) => {
    const { services, projectId } = ctx;
    const { name, testIds, schedule = null, timezone = 'UTC', timeoutMs = null, enabled = true } = input;
    checkTimezone(timezone);
    if (schedule) checkSchedule(schedule, timezone);
    const job = { name, schedule, timezone, timeoutMs, enabled };
    const jobId = await insertJob(services.db, actorOf(ctx), job, testIds);
    await syncSchedule(services, projectId, jobId);
    return getJobDetails(services.db, projectId, jobId);
  }),

  /** What is not given stays as it is; `schedule: null` removes the schedule. CONFLICT: see `expectedUpdatedAt`. */
  update: procedure.editor.input(jobInputs.update).mutation(async ({ ctx, input }) => {
    const { services, projectId } = ctx;
    const { jobId, testIds, expectedUpdatedAt, ...change } = input;
    const job = { ...(await getActiveJob(services.db, projectId, jobId)), ...change };
    checkTimezone(job.timezone);
    if (job.schedule) checkSchedule(job.schedule, job.timezone);
    await updateJob(services.db, actorOf(ctx), jobId, change, { testIds, expectedUpdatedAt });
    await syncSchedule(services, projectId, jobId);
    return getJobDetails(services.db, projectId, jobId);
  }),

  /** Ends its schedule, too; its runs stay. */
  archive: procedure.editor.input(jobInputs.byId).mutation(async ({ ctx, input: { jobId } }) => {
    const { services, projectId } = ctx;
    await getJob(services.db, projectId, jobId);
    await archiveJob(services.db, actorOf(ctx), jobId);
    await syncSchedule(services, projectId, jobId);
    return { jobId };
  }),

  run: procedure.editor.input(jobInputs.run).mutation(async ({ ctx, input }) => {
    const { id } = await getActiveJob(ctx.services.db, ctx.projectId, input.jobId);
    const actor = actorOf(ctx);
    return runJob(ctx.services, actor, {
      jobId: id,
      trigger: triggerOf(actor),
      idempotencyKey: input.idempotencyKey,
    });
  }),
});
