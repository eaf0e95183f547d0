import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import { shareCookie } from '#shared/share-links.ts';
import type { Database } from '#server/db/database.ts';
import type { Caller } from '#server/identity/caller.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import { AppError } from '#server/lib/errors.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { readCookie } from './request-credentials.ts';

interface LinkRow {
  secretHash: string;
  id: string;
  runId: string;
  expiresAt: string;
  projectId: string;
  organizationId: string;
}

/** Guests kept in memory, so that the requests of a link share an object. */
const maxGuests = 1_000;

/** The cookie of a link is kept for at most so long. */
const cookieDays = 7;

export type Guests = ReturnType<typeof createGuests>;

/**
 * Guests have a share link instead of a session: its secret, in a cookie that opening the link sets. They see its run and
 * nothing else, which `procedure.guest` and the routes of artifacts check.
 */
export function createGuests({ db, isHttps }: { db: Database; isHttps: boolean }) {
  /** Callers by the id of their link. */
  const known = new Map<string, Caller>();
  const links = new WeakMap<Caller, string>();

  /** A link that has expired or was revoked is not found. */
  const findLink = batchReads(async (hashes: string[]) => {
    // People read `last_used_at`, so it is written at most once a minute.
    await sql`
      update share_links set last_used_at = now() where secret_hash = any(${hashes}::text[]) and expires_at > now()
        and (last_used_at is null or last_used_at < now() - interval '1 minute')`.execute(db);
    const { rows } = await sql<LinkRow>`
      select secret_hash, links.id, run_id, links.expires_at, runs.project_id, projects.organization_id
      from share_links as links join runs on runs.id = run_id join projects on projects.id = runs.project_id
      where secret_hash = any(${hashes}::text[]) and links.expires_at > now()`.execute(db);
    return new Map(rows.map((row) => [row.secretHash, row]));
  });

  return {
    /** The guest that a request comes from, by the cookie of the run's link. Throws UNAUTHORIZED. */
    async authenticate(req: IncomingMessage, runId: string): Promise<Caller> {
      const secret = readCookie(req, shareCookie(runId));
      const link = secret === undefined ? undefined : await findLink(hashSecret(secret));
      if (link?.runId !== runId) return linkNotFound();
      const { id, projectId, organizationId } = link;
      const guest = known.get(id);
      if (guest?.organizationId === organizationId) return guest;
      const caller: Caller = {
        principal: { kind: 'link', id, name: 'Share link' },
        projectId,
        organizationId,
        role: 'guest',
        ownsOrganization: false,
        sharedRunId: runId,
      };
      if (known.size >= maxGuests) known.clear();
      known.set(id, caller);
      links.set(caller, id);
      return caller;
    },

    /** The guests with a link that has expired or was revoked. */
    async findRevoked(callers: ReadonlySet<Caller>): Promise<ReadonlySet<Caller>> {
      const guests = [...callers].filter((caller) => links.has(caller));
      if (guests.length === 0) return new Set();
      const valid = await db
        .selectFrom('shareLinks')
        .select('id')
        .where('id', '=', sql<string>`any(${guests.map((guest) => links.get(guest))}::uuid[])`)
        .where('expiresAt', '>', sql<string>`now()`)
        .execute();
      const ids = new Set(valid.map(({ id }) => id));
      return new Set(guests.filter((guest) => !ids.has(links.get(guest)!)));
    },

    /** Opens a link: its secret becomes a cookie, with which the browser gets the run, its streams and its files. */
    addRoutes(app: FastifyInstance): void {
      app.post('/api/shared-runs', async (request, reply) => {
        const { data } = z.object({ secret: z.string().max(200) }).safeParse(request.body);
        const link = (data && (await findLink(hashSecret(data.secret)))) ?? linkNotFound();
        const { runId, expiresAt } = link;
        const leftS = Math.floor((Date.parse(expiresAt) - Date.now()) / 1_000);
        const maxAge = Math.max(1, Math.min(leftS, cookieDays * 24 * 3_600));
        const cookie = `${shareCookie(runId)}=${data!.secret}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict`;
        return reply
          .header('set-cookie', isHttps ? `${cookie}; Secure` : cookie)
          .header('cache-control', 'no-store')
          .send({ runId, expiresAt });
      });
    },
  };
}

function linkNotFound(): never {
  throw new AppError('UNAUTHORIZED', 'This link has expired or was revoked. Ask the person who sent it for a new one.');
}
