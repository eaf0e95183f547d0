import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hashPassword } from 'better-auth/crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import pLimit from 'p-limit';
import type { Logger } from '#server/lib/logger.ts';
import { z } from 'zod';
import { nameOf } from '#shared/inputs.ts';
import type { AttemptLog } from '#server/audit/attempt-log.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { acceptInvitation, findInvitation, type Invitation, invitationNotFound } from '#server/members/invitations.ts';
import { addMember } from '#server/members/queries.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import { createPermissionReads, type Permissions, type ProjectPermissions } from './permissions.ts';
import { createAccountAudit } from './account-audit.ts';
import { addressHeader, createAuth } from './better-auth.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import type { Caller } from '#server/identity/caller.ts';
import type { Authenticator } from './authenticator.ts';
import type { OidcSettings } from '#server/config/oidc-settings.ts';
import { addOidcRoutes } from './oidc-routes.ts';
import { getPasswordReset, consumePasswordReset } from '#server/account/password-reset.ts';
import { createAttemptLimit } from './attempt-limit.ts';
import { readBearer, readCookie, readProject } from './request-credentials.ts';
import { isNew, lockSignUps } from './sign-up.ts';

/** Callers that are remembered so that their requests share an object. */
const maxCallers = 10_000;

/** Of what better-auth offers, what people need here; the rest of its addresses are not there. */
const authPaths = new Set(['/sign-in/email', '/sign-up/email', '/sign-out', '/get-session', '/change-password']);

/**
 * Of these requests, those that are answered at once. Each holds a connection while it hashes a password, and needs another
 * to count attempts: without a bound, strangers who try to sign in could take all that there are.
 */
const maxAnswering = 3;

/** People sign in, programs send an API key; either may do what their role in the project allows. */
export function createAccountAuthenticator(options: {
  db: Database;
  /** The address that people use. */
  baseUrl: string;
  secret: string;
  /** Another name of this server. */
  publicUrl?: string | undefined;
  /** Where people may sign in, too. */
  oidc?: OidcSettings | undefined;
  logger: Logger;
  addressOf(req: IncomingMessage): string;
  /** Keeps what is refused at this authenticator. */
  attempts: AttemptLog;
}): Authenticator {
  const { db, baseUrl, secret, oidc, addressOf } = options;
  const origin = new URL(baseUrl).origin;
  const auth = createAuth({ db, baseUrl: origin, secret });
  const grants = createPermissionReads(db);
  const audit = createAccountAudit(options);
  const semaphore = pLimit(maxAnswering);
  const names = new Set([baseUrl, options.publicUrl ?? baseUrl].map((url) => new URL(url).hostname));
  /** By what they show and the project they ask for. */
  const callers = new Map<string, Caller>();
  /** How to find out again what a caller may do. */
  const origins = new WeakMap<Caller, { read(): Promise<Permissions | undefined> }>();

  /** What the request shows to get in. */
  function credentialOf(req: IncomingMessage): { id: string; read(): Promise<Permissions | undefined> } | undefined {
    const bearer = readBearer(req);
    if (bearer !== undefined) {
      const hash = hashSecret(bearer);
      return { id: hash, read: () => grants.byKey(hash) };
    }
    const cookie = readCookie(req, auth.cookieName);
    const token = cookie === undefined ? undefined : auth.tokenOf(cookie);
    return token === undefined ? undefined : { id: token, read: () => grants.bySession(token) };
  }

  async function authenticate(req: IncomingMessage, projectId = readProject(req)): Promise<Caller> {
    const credential = credentialOf(req);
    const grant = await credential?.read();
    if (!credential || !grant) {
      const refusal = notSignedIn(req);
      audit.noteUnknown(req, refusal.message);
      throw refusal;
    }
    const [firstProject] = grant.projects.keys();
    if (firstProject === undefined) {
      const message = 'You are not a member of any organisation: ask an owner to invite you.';
      audit.noteNoMember(req, grant.principal, message);
      throw new AppError('FORBIDDEN', message);
    }
    const wanted = projectId ?? firstProject;
    const granted = grant.projects.get(wanted);
    if (granted === undefined) throw new AppError('NOT_FOUND', `There is no project ${wanted}.`);

    const key = `${credential.id} ${wanted}`;
    const known = callers.get(key);
    const { principal, sessionId } = grant;
    if (known && isSameRight(known, granted) && known.principal.name === principal.name) return known;
    const caller: Caller = {
      principal,
      projectId: wanted,
      ...granted,
      ...(sessionId !== undefined && { sessionId }),
    };
    if (callers.size >= maxCallers) callers.clear();
    callers.set(key, caller);
    origins.set(caller, credential);
    return caller;
  }

  async function session(req: IncomingMessage): Promise<Permissions> {
    const grant = await credentialOf(req)?.read();
    if (grant?.principal.kind !== 'user') throw notSignedIn(req);
    return grant;
  }

  /** Lets better-auth answer, within the transaction. */
  async function answer(request: FastifyRequest, trx: Trx): Promise<Response> {
    const url = new URL(request.url, origin);
    const headers = new Headers({ origin, [addressHeader]: addressOf(request.raw) });
    for (const name of ['cookie', 'user-agent'] as const) {
      const value = request.headers[name];
      if (value !== undefined) headers.set(name, value);
    }
    const isGet = request.method === 'GET';
    if (!isGet) headers.set('content-type', 'application/json');
    return auth.handle(
      new Request(url, {
        method: request.method,
        headers,
        ...(!isGet && { body: JSON.stringify(request.body ?? {}) }),
      }),
      trx,
    );
  }

  return {
    hosts: {
      // A name without a dot is nobody's on the internet, and a page at a bare address is that machine's own.
      allows: (host) => names.has(host) || !host.includes('.') || isIP(host) !== 0 || host.startsWith('['),
      origins: new Set([origin, ...(options.publicUrl ? [new URL(options.publicUrl).origin] : [])]),
      hint: 'Set BASE_URL to the address that people use.',
    },
    urlSigningSecret: createHmac('sha256', secret).update('artifacts').digest('base64url'),
    authenticate,

    async findRevoked(watching) {
      const checks = [...watching].map(async (caller): Promise<Caller | undefined> => {
        const grant = await origins.get(caller)?.read();
        return isSameRight(caller, grant?.projects.get(caller.projectId)) ? undefined : caller;
      });
      return new Set((await Promise.all(checks)).filter((caller) => caller !== undefined));
    },

    addRoutes(app: FastifyInstance) {
      app.get('/api/sign-in', async () => ({
        kind: 'accounts',
        isNew: await isNew(db),
        ...(oidc && { provider: oidc.name }),
      }));
      if (oidc) addOidcRoutes(app, { ...options, settings: oidc, origin, auth, audit, semaphore });

      // better-auth counts what comes to it, which is not all that somebody can try.
      const attemptLimit = createAttemptLimit(app, 'auth', addressOf);
      app.all<{ Params: { '*': string } }>('/api/auth/*', async (request, reply) => {
        const path = `/${request.params['*']}`;
        if (!authPaths.has(path) || (request.method !== 'GET' && request.method !== 'POST'))
          throw new AppError('NOT_FOUND', `There is nothing at ${request.url}.`);
        const waitS = request.method === 'POST' ? await attemptLimit(request) : 0;
        if (waitS > 0) return sendTooMany(reply, waitS);
        const { raw, body } = request;
        const knowsWho = path === '/sign-out' || path === '/change-password';
        const person = knowsWho
          ? await session(raw).then(
              ({ principal, projects }) => ({
                ...principal,
                organizations: [...new Set([...projects.values()].map(({ organizationId }) => organizationId))],
              }),
              () => undefined,
            )
          : undefined;
        const attempt = { raw, path, body, person };
        const response = await semaphore(() =>
          db.transaction().execute(async (trx) => {
            if (path === '/sign-up/email') return signUp(request, trx);
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

      app.get<{ Params: { secret: string } }>('/api/password-resets/:secret', async (request, reply) => {
        const { email } = await getPasswordReset(db, hashSecret(request.params.secret));
        return reply.header('cache-control', 'no-store').send({ email });
      });

      app.post<{ Params: { secret: string } }>('/api/password-resets/:secret', async (request, reply) => {
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

      app.get<{ Params: { secret: string } }>('/api/invitations/:secret', async (request, reply) => {
        const invitation = (await findInvitation(db, hashSecret(request.params.secret))) ?? invitationNotFound();
        const { email, role, organization, project, invitedBy } = invitation;
        const user = await db.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst();
        return reply.send({ email, role, organization, project, invitedBy, hasAccount: user !== undefined });
      });

      app.post<{ Params: { secret: string } }>('/api/invitations/:secret/accept', async (request, reply) => {
        const { principal, email } = await session(request.raw);
        await db.transaction().execute(async (trx) => {
          const invitation = (await findInvitation(trx, hashSecret(request.params.secret))) ?? invitationNotFound();
          if (invitation.email !== email) {
            const message = `The invitation is for ${invitation.email}, and you are signed in as ${email}.`;
            audit.noteAcceptance(request.raw, principal, invitation, message);
            throw new AppError('FORBIDDEN', message);
          }
          await acceptInvitation(trx, invitation, principal.id);
          await audit.recordAcceptance(trx, request.raw, principal, invitation);
        });
        return reply.code(204).send();
      });
    },
  };

  /** The first user owns the organisation that there is; everybody else needs an invitation. */
  async function signUp(request: FastifyRequest, trx: Trx): Promise<Response> {
    await lockSignUps(trx);
    const input = signUpInput.safeParse(request.body);
    if (!input.success)
      throw new AppError(
        'BAD_REQUEST',
        input.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' · '),
      );
    const { invitation: invitationSecret, ...user } = input.data;
    let invitation: Invitation | undefined;
    if (!(await isNew(trx))) {
      if (invitationSecret === undefined)
        throw new AppError('FORBIDDEN', 'Only those who are invited can sign up: ask an owner for an invitation.');
      invitation = (await findInvitation(trx, hashSecret(invitationSecret))) ?? invitationNotFound();
      if (invitation.email !== user.email)
        throw new AppError('FORBIDDEN', `The invitation is for ${invitation.email}; sign up with that address.`);
    }
    request.body = user;
    const response = await answer(request, trx);
    if (!response.ok) return response;
    const { id } = await trx.selectFrom('users').select('id').where('email', '=', user.email).executeTakeFirstOrThrow();
    if (invitation) await acceptInvitation(trx, invitation, id);
    else await addMember(trx, { organizationId: defaultOrganizationId, userId: id, role: 'owner' });
    await audit.recordSignUp(trx, request.raw, { id, ...user }, invitation?.role ?? 'owner');
    if (invitation?.projectId) await audit.recordAcceptance(trx, request.raw, { id, ...user }, invitation);
    return response;
  }
}

function isSameRight(caller: Caller, granted: ProjectPermissions | undefined): boolean {
  return (
    granted?.role === caller.role &&
    granted.ownsOrganization === caller.ownsOrganization &&
    granted.organizationId === caller.organizationId
  );
}

const passwordSchema = z.string().min(12, 'must have at least 12 characters').max(200);

const signUpInput = z.object({
  name: nameOf(100),
  email: z.email('must be an e-mail address').max(200).toLowerCase(),
  password: passwordSchema,
  invitation: z.string().max(200).optional(),
});

function notSignedIn(req: IncomingMessage): AppError {
  return new AppError(
    'UNAUTHORIZED',
    readBearer(req) === undefined
      ? 'Sign in first; programs send an API key as "Authorization: Bearer …".'
      : 'The API key is not known, has been revoked or has expired.',
  );
}

/** Passes better-auth's answer on. */
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
