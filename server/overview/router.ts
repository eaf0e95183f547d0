import type { Database } from '#server/db/database.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { readOverview } from './overview.ts';

export function createOverviewRouter({ db }: { db: Database }) {
  return router({
    /** What needs attention in the project now. */
    get: procedure.viewer.query(({ ctx }) => readOverview(db, ctx.projectId)),
  });
}
