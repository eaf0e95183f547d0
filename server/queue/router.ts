import { queueStatsChannel } from '#shared/channels.ts';
import { followInput } from '#shared/inputs.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { followState } from '#server/live/follow-state.ts';
import type { Hub } from '#server/live/hub.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { listQueue } from './list.ts';
import { type Capacities, readQueueStats } from './stats.ts';

export function createQueueRouter({ db, hub, capacities }: { db: Database; hub: Hub; capacities: Capacities }) {
  const reads = batchReads(async () => new Map([['all', await readQueueStats(db, capacities)]]));
  const readStats = async () => (await reads('all'))!;
  return router({
    /** How many runs run and wait now, over all projects. */
    stats: procedure.viewer.query(() => readStats()),

    /** The project's runs that run and wait now, in order, each waiting one with its place in the queue of all projects. */
    list: procedure.viewer.query(({ ctx }) => listQueue(db, ctx.projectId)),

    /** What `stats` says, now and whenever it changes. Does not end. */
    onStats: procedure.viewer
      .input(followInput)
      .subscription(({ input, signal }) =>
        followState(
          { hub, signal },
          { channels: [queueStatsChannel], read: readStats, lastEventId: input.lastEventId },
        ),
      ),
  });
}
