import { auditInputs } from '#shared/access-inputs.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { listAudit } from './queries.ts';

export function createAuditRouter({ db }: { db: Database }) {
  return router({
    /** Who did what, when and from where, in the project and, for who owns it, in its organisation; the newest first. */
    list: procedure.owner.input(auditInputs.list).query(({ ctx, input }) => listAudit(db, ctx, input)),
  });
}
