import { hashPassword } from 'better-auth/crypto';
import type { FastifyInstance } from 'fastify';
import type { LimitFunction } from 'p-limit';
import { z } from 'zod';
import { consumePasswordReset, getPasswordReset } from '#server/account/password-reset.ts';
import type { Database } from '#server/db/database.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import { AppError } from '#server/lib/errors.ts';
import type { AccountAudit } from './account-audit.ts';
import { passwordSchema } from './password-schema.ts';

const path = '/api/password-resets/:secret';

/** Says which account a link is for, and resets its password. */
export function addPasswordResetRoutes(
  app: FastifyInstance,
  { db, audit, semaphore }: { db: Database; audit: AccountAudit; semaphore: LimitFunction },
): void {
  app.get<{ Params: { secret: string } }>(path, async (request, reply) => {
    const { email } = await getPasswordReset(db, hashSecret(request.params.secret));
    return reply.header('cache-control', 'no-store').send({ email });
  });

  app.post<{ Params: { secret: string } }>(path, async (request, reply) => {
    const hash = hashSecret(request.params.secret);
    await getPasswordReset(db, hash);
    const input = z.object({ password: passwordSchema }).safeParse(request.body);
    if (!input.success) throw new AppError('BAD_REQUEST', z.prettifyError(input.error));
    const password = await semaphore(() => hashPassword(input.data.password));
    await db.transaction().execute(async (trx) => {
      const person = await consumePasswordReset(trx, hash, password);
      await audit.recordReset(trx, request.raw, person);
    });
    return reply.code(204).send();
  });
}
