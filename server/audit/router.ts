import { auditInputs } from '#shared/access-inputs.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { listAudit } from './queries.ts';

export function createAuditRouter({ db }: { db: Database }) {
  return router({
    /** Audit events of the project, newest first; for owners of the organisation, also those of the organisation. */
    list: procedure.owner.input(auditInputs.list).query(({ ctx, input }) => listAudit(db, ctx, input)),
  });
}
