import { workersChannel } from '#shared/channels.ts';
import { followInput } from '#shared/inputs.ts';
import { followContext, followState } from '#server/live/follow.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { viewPresence } from './queries.ts';

export const workersRouter = router({
  /** Every process that executes runs now, and what it executes of the project's. */
  list: procedure.viewer.query(async ({ ctx }) => viewPresence(await ctx.services.reads.workers(), ctx.projectId)),

  /** The same now and whenever it changes; `id` is its `seq`. Does not end. */
  onPresence: procedure.viewer.input(followInput).subscription(({ ctx: { services, projectId }, input, signal }) =>
    followState(followContext(services, signal), {
      channels: [workersChannel],
      read: services.reads.workers,
      position: ({ seq }) => ({ id: String(seq), order: seq }),
      isFinal: () => false,
      view: (presence) => viewPresence(presence, projectId),
      lastEventId: input.lastEventId,
    }),
  ),
});
