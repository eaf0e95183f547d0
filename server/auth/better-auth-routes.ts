import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LimitFunction } from 'p-limit';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import type { AccountAudit, Member } from './account-audit.ts';
import { createAttemptLimit } from './attempt-limit.ts';
import { addressHeader, type Auth } from './better-auth.ts';
import type { Permissions } from './permissions.ts';
import { signUp } from './sign-up.ts';

/** The routes of better-auth that people need here. The others answer 404. */
const paths = new Set(['/sign-in/email', '/sign-up/email', '/sign-out', '/get-session', '/change-password']);

/** Requests of a signed-in user. Their audit events name the user. */
const pathsOfUsers = new Set(['/sign-out', '/change-password']);

/** Passes `/api/auth/…` on to better-auth, in a transaction that also holds the audit event. */
export function addBetterAuthRoutes(
  app: FastifyInstance,
  options: {
    db: Database;
    /** The origin of the URL that people use. */
    origin: string;
    auth: Auth;
    audit: AccountAudit;
    semaphore: LimitFunction;
    addressOf(req: IncomingMessage): string;
    requireSession(req: IncomingMessage): Promise<Permissions>;
  },
): void {
  const { db, origin, auth, audit, semaphore, addressOf } = options;
  // better-auth limits sign-ins and passwords; sign-ups without an invitation never reach it.
  const attemptLimit = createAttemptLimit(app, 'auth', addressOf);

  async function answer(request: FastifyRequest, trx: Trx, body = request.body): Promise<Response> {
    const headers = new Headers({ origin, [addressHeader]: addressOf(request.raw) });
    for (const name of ['cookie', 'user-agent'] as const) {
      const value = request.headers[name];
      if (value !== undefined) headers.set(name, value);
    }
    const isGet = request.method === 'GET';
    if (!isGet) headers.set('content-type', 'application/json');
    return auth.handle(
      new Request(new URL(request.url, origin), {
        method: request.method,
        headers,
        ...(!isGet && { body: JSON.stringify(body ?? {}) }),
      }),
      trx,
    );
  }

  async function findMember(req: IncomingMessage): Promise<Member | undefined> {
    try {
      const { principal, projects } = await options.requireSession(req);
      const organizations = new Set([...projects.values()].map(({ organizationId }) => organizationId));
      return { ...principal, organizations: [...organizations] };
    } catch {
      return undefined;
    }
  }

  app.all<{ Params: { '*': string } }>('/api/auth/*', async (request, reply) => {
    const path = `/${request.params['*']}`;
    if (!paths.has(path) || (request.method !== 'GET' && request.method !== 'POST'))
      throw new AppError('NOT_FOUND', `There is nothing at ${request.url}.`);
    const waitS = request.method === 'POST' ? await attemptLimit(request) : 0;
    if (waitS > 0) return sendTooMany(reply, waitS);
    const { raw, body } = request;
    const person = pathsOfUsers.has(path) ? await findMember(raw) : undefined;
    const attempt = { raw, path, body, person };
    const response = await semaphore(() =>
      db.transaction().execute(async (trx) => {
        if (path === '/sign-up/email')
          return signUp(trx, { raw, body, audit, createUser: (user) => answer(request, trx, user) });
        const response = await answer(request, trx);
        await audit.recordAuth(trx, attempt, response);
        return response;
      }),
    ).catch((error: unknown) => {
      const isRefusal = error instanceof AppError && error.code !== 'BAD_REQUEST';
      if (isRefusal) audit.noteSignUp(raw, body, error.message);
      throw error;
    });
    await audit.noteAuth(attempt, response);
    return send(reply, response);
  });
}

/** Sends better-auth's answer. */
async function send(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  reply.code(response.status).header('cache-control', 'no-store');
  const retryAfter = response.headers.get('x-retry-after');
  if (response.status === 429) return sendTooMany(reply, Number(retryAfter ?? 60));
  const text = await response.text();
  return reply.type('application/json').send(text === '' ? '{}' : text);
}

function sendTooMany(reply: FastifyReply, waitS: number): FastifyReply {
  return reply
    .code(429)
    .header('retry-after', waitS)
    .send({
      error: 'too many requests',
      message: `Too many attempts from your address; the next is possible in ${waitS} s.`,
    });
}
