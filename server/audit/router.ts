import { auditInputs } from '#shared/access-inputs.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { listAudit } from './queries.ts';

export const auditRouter = router({
  /** Who did what, when and from where, in the project and, for who owns it, in its organisation; the newest first. */
  list: procedure.owner.input(auditInputs.list).query(({ ctx, input }) => listAudit(ctx.services.db, ctx, input)),
});
