import { queueStatsChannel } from '#shared/channels.ts';
import { followInput } from '#shared/inputs.ts';
import { followContext, followState } from '#server/live/follow.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { listQueue } from './list.ts';

export const queueRouter = router({
  /** How many runs run and wait now, over all projects. */
  stats: procedure.viewer.query(({ ctx }) => ctx.services.reads.queueStats()),

  /** The project's runs that run and wait now, in order, each waiting one with its place in the queue of all projects. */
  list: procedure.viewer.query(({ ctx }) => listQueue(ctx.services.db, ctx.projectId)),

  /** What `stats` says, now and whenever it changes. Does not end. */
  onStats: procedure.viewer.input(followInput).subscription(({ ctx: { services }, input, signal }) => {
    let order = 0;
    return followState(followContext(services, signal), {
      channels: [queueStatsChannel],
      read: services.reads.queueStats,
      // Statistics have no version: what came later is newer, and the same numbers are no news.
      position: (stats) => ({ id: Object.values(stats).join('/'), order: ++order }),
      isFinal: () => false,
      lastEventId: input.lastEventId,
    });
  }),
});
