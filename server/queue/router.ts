import { queueStatsChannel } from '#shared/channels.ts';
import { followInput } from '#shared/inputs.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { followContext, followState } from '#server/live/follow.ts';
import type { FollowServices } from '#server/live/follower.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { listQueue } from './list.ts';
import { type Capacities, readQueueStats } from './stats.ts';

export function createQueueRouter({
  db,
  hub,
  logger,
  capacities,
}: FollowServices & { db: Database; capacities: Capacities }) {
  const reads = batchReads(async () => new Map([['all', await readQueueStats(db, capacities)]]));
  const readStats = async () => (await reads('all'))!;
  return router({
    /** How many runs run and wait now, over all projects. */
    stats: procedure.viewer.query(() => readStats()),

    /** The project's runs that run and wait now, in order, each waiting one with its place in the queue of all projects. */
    list: procedure.viewer.query(({ ctx }) => listQueue(db, ctx.projectId)),

    /** What `stats` says, now and whenever it changes. Does not end. */
    onStats: procedure.viewer.input(followInput).subscription(({ input, signal }) => {
      let order = 0;
      return followState(followContext({ hub, logger }, signal), {
        channels: [queueStatsChannel],
        read: readStats,
        // Statistics have no version: what came later is newer, and the same numbers are no news.
        position: (stats) => ({ id: Object.values(stats).join('/'), order: ++order }),
        isFinal: () => false,
        lastEventId: input.lastEventId,
      });
    }),
  });
}
