import { activityChannel } from '#shared/channels.ts';
import { followInput } from '#shared/inputs.ts';
import { AppError } from '#server/lib/errors.ts';
import { followContext, followLog } from '#server/live/follow.ts';
import { procedure, router } from '#server/trpc/procedure.ts';

export const activityRouter = router({
  /** The latest runs, then every run of the project whenever it changes; `id` is its `activitySeq`. Does not end. */
  onEvents: procedure.viewer.input(followInput).subscription(({ ctx: { services, projectId }, input, signal }) =>
    followLog(followContext(services, signal), {
      channels: [activityChannel(projectId)],
      read: async (after) => {
        const page = await services.reads.activity.page(projectId, after);
        if (!page) throw new AppError('NOT_FOUND', `There is no project ${projectId}.`);
        return page;
      },
      place: (run) => run.activitySeq,
      lastEventId: input.lastEventId,
    }),
  ),
});
