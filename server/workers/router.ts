import { workersChannel } from '#shared/channels.ts';
import { followInput } from '#shared/inputs.ts';
import { followContext, followState } from '#server/live/follow.ts';
import { procedure, router } from '#server/trpc.ts';

export const workersRouter = router({
  /** Every process that executes runs now, and what it executes. */
  list: procedure.viewer.query(({ ctx }) => ctx.services.reads.workers()),

  /** The same now and whenever it changes; `id` is its `seq`. Does not end. */
  onPresence: procedure.viewer.input(followInput).subscription(({ ctx: { services }, input, signal }) =>
    followState(followContext(services, signal), {
      channels: [workersChannel],
      read: services.reads.workers,
      position: ({ seq }) => ({ id: String(seq), order: seq }),
      isFinal: () => false,
      lastEventId: input.lastEventId,
    }),
  ),
});
