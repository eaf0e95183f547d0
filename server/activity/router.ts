import { activityChannel } from '#shared/channels.ts';
import { followInput } from '#shared/inputs.ts';
import { AppError } from '#server/lib/errors.ts';
import { followLog } from '#server/live/follow-log.ts';
import type { Hub } from '#server/live/hub.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { createActivityReads } from './reads.ts';
import type { Database } from '#server/db/database.ts';

export function createActivityRouter({ db, hub }: { db: Database; hub: Hub }) {
  const reads = createActivityReads(db);
  return router({
    /** The latest runs, then every run of the project whenever it changes; `id` is its `activitySeq`. Does not end. */
    onEvents: procedure.viewer.input(followInput).subscription(({ ctx: { projectId }, input, signal }) =>
      followLog(
        { hub, signal },
        {
          channels: [activityChannel(projectId)],
          read: async (after) => {
            const page = await reads.page(projectId, after);
            if (!page) throw new AppError('NOT_FOUND', `There is no project ${projectId}.`);
            return page;
          },
          sequence: (run) => run.activitySeq,
          lastEventId: input.lastEventId,
        },
      ),
    ),
  });
}
