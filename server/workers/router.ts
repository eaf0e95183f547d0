import { workersChannel } from '#shared/channels.ts';
import { followInput } from '#shared/inputs.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { followState } from '#server/live/follow-state.ts';
import type { Hub } from '#server/live/hub.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { readPresence, viewPresence } from './queries.ts';

export function createWorkersRouter({ db, hub }: { db: Database; hub: Hub }) {
  const reads = batchReads(async () => new Map([['all', await readPresence(db)]]));
  const readAll = async () => (await reads('all'))!;
  return router({
    /** Every process that executes runs now, and what it executes of the project's. */
    list: procedure.viewer.query(async ({ ctx }) => viewPresence(await readAll(), ctx.projectId)),

    /** The same now and whenever it changes; `id` is its `seq`. Does not end. */
    onPresence: procedure.viewer.input(followInput).subscription(({ ctx: { projectId }, input, signal }) =>
      followState(
        { hub, signal },
        {
          channels: [workersChannel],
          read: readAll,
          position: ({ seq }) => ({ id: String(seq), order: seq }),
          view: (presence) => viewPresence(presence, projectId),
          lastEventId: input.lastEventId,
        },
      ),
    ),
  });
}
