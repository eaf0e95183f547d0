import type { IncomingMessage } from 'node:http';
import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WWWAuthenticateChallengeError } from 'openid-client';
import type { LimitFunction } from 'p-limit';
import type { Logger } from '#server/lib/logger.ts';
import { z } from 'zod';
import { describeProblem, type SignInProblem } from '#shared/sign-in-problem.ts';
import type { OidcSettings } from '#server/config/oidc-settings.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import type { AccountAudit } from './account-audit.ts';
import { addressHeader, type Auth } from './better-auth.ts';
import { createAttemptLimit } from './attempt-limit.ts';
import { checksSchema, createOidcProvider, type Identity, OidcError } from './oidc-provider.ts';
import { signInIdentity } from './oidc-sign-in.ts';
import { readCookie } from './request-credentials.ts';

/** How long somebody may take at the provider, in ms. */
const attemptMs = 600_000;

const callbackPath = '/api/auth/oidc/callback';

/** A path of this server; never another site's address. */
const pathSchema = z
  .string()
  .max(2_000)
  .regex(/^\/(?![/\\])[\x20-\x7e]*$/, 'must be a path of this server');
const startInput = z.object({ to: pathSchema.default('/'), invitation: z.string().max(200).optional() });
const attemptSchema = startInput.extend({ checks: checksSchema, until: z.number() });
type Attempt = z.infer<typeof attemptSchema>;

/**
 * The two ways to the OIDC provider and back. What an attempt must come back with is sealed in a cookie of the browser that
 * began it; unlike the session's it is `SameSite=Lax`, since the way back is a link on the provider's site. No connection to
 * the database is held while the provider is asked.
 */
export function addOidcRoutes(
  app: FastifyInstance,
  options: {
    settings: OidcSettings;
    /** Of the address that people use. */
    origin: string;
    secret: string;
    db: Database;
    auth: Auth;
    audit: AccountAudit;
    logger: Logger;
    semaphore: LimitFunction;
    addressOf(req: IncomingMessage): string;
  },
): void {
  const { settings, origin, db, auth, audit, logger, semaphore, addressOf } = options;
  const provider = createOidcProvider(settings, origin + callbackPath);
  const key = `${options.secret} of an attempt to sign in`;
  const isSecure = origin.startsWith('https:');
  const cookieName = `${isSecure ? '__Host-' : ''}runlight.oidc`;
  const setCookie = (value: string, maxAgeMs: number) =>
    `${cookieName}=${value}; Path=/; Max-Age=${maxAgeMs / 1_000}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;

  // There and back are two.
  const attemptLimit = createAttemptLimit(app, 'oidc', addressOf);
  async function limitAttempts(request: FastifyRequest): Promise<void> {
    if ((await attemptLimit(request)) > 0) throw new OidcError('too_many');
  }

  async function readAttempt(req: IncomingMessage): Promise<Attempt | undefined> {
    try {
      const text = await symmetricDecrypt({ key, data: readCookie(req, cookieName) ?? '' });
      const attempt = attemptSchema.parse(JSON.parse(text));
      return attempt.until > Date.now() ? attempt : undefined;
    } catch {
      return undefined;
    }
  }

  /** Which problem it is; what an operator can do something about is logged. */
  function explain(error: unknown): SignInProblem {
    if (!(error instanceof OidcError)) throw error;
    if (error.problem === 'unavailable' || error.problem === 'failed')
      logger.warn(
        { problem: error.problem, reason: describeCause(error.cause) },
        'signing in with the OIDC provider failed',
      );
    return error.problem;
  }

  app.post('/api/auth/oidc/start', async (request, reply) => {
    const input = startInput.safeParse(request.body ?? {});
    if (!input.success) throw new AppError('BAD_REQUEST', z.prettifyError(input.error));
    try {
      await limitAttempts(request);
      const { url, checks } = await provider.begin();
      const attempt: Attempt = { ...input.data, checks, until: Date.now() + attemptMs };
      const sealed = await symmetricEncrypt({ key, data: JSON.stringify(attempt) });
      return reply.header('set-cookie', setCookie(sealed, attemptMs)).header('cache-control', 'no-store').send({ url });
    } catch (error) {
      const problem = explain(error);
      throw new AppError(
        problem === 'too_many' ? 'TOO_MANY_REQUESTS' : 'SERVICE_UNAVAILABLE',
        describeProblem(problem, settings.name),
      );
    }
  });

  app.get(callbackPath, { exposeHeadRoute: false }, async (request, reply) => {
    const attempt = await readAttempt(request.raw);
    let identity: Identity | undefined;
    reply.header('cache-control', 'no-store');
    try {
      await limitAttempts(request);
      if (!attempt) throw new OidcError('expired');
      const recognised = await provider.finish(request.url.replace(/^[^?]*/, ''), attempt.checks);
      identity = recognised;
      const entered = await semaphore(() =>
        db.transaction().execute(async (trx) => {
          const userId = await signInIdentity(trx, recognised, {
            invitation: attempt.invitation,
            provider: settings.name,
            raw: request.raw,
            audit,
          });
          const headers = new Headers({ [addressHeader]: addressOf(request.raw) });
          const userAgent = request.headers['user-agent'];
          if (userAgent !== undefined) headers.set('user-agent', userAgent);
          return auth.enter(userId, headers, trx);
        }),
      );
      reply.header('set-cookie', [setCookie('', 0), ...entered.headers.getSetCookie()]);
      return sendOnward(reply, attempt.to);
    } catch (error) {
      const problem = explain(error);
      if (identity) {
        const reason = describeProblem(problem, settings.name);
        audit.noteIdentity(request.raw, identity.email, { provider: settings.name, reason });
      }
      const back = attempt?.invitation === undefined ? '/sign-in' : `/join/${encodeURIComponent(attempt.invitation)}`;
      const search = new URLSearchParams({ problem, ...(attempt && { to: attempt.to }) });
      return reply.header('set-cookie', setCookie('', 0)).redirect(`${back}?${search}`, 303);
    }
  });
}

/**
 * A page that goes on by itself. Browsers count all of a chain of redirects as the provider's site's doing, and would send
 * no `SameSite=Strict` cookie with it; what this page opens is ours.
 */
function sendOnward(reply: FastifyReply, to: string): FastifyReply {
  const href = to.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return reply
    .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta http-equiv="refresh" content="0; url=${href}"><title>Signed in · Runlight</title><p>You are signed in. <a href="${href}">Continue</a></p></html>`,
    );
}

/** In words, without what secrets it may hold. */
function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code, error, error_description: description } = cause as Error & Partial<Record<string, string>>;
  const inner =
    cause instanceof WWWAuthenticateChallengeError
      ? cause.cause.map(({ parameters }) => [parameters.error, parameters.error_description])
      : [cause.cause instanceof Error ? cause.cause.message : undefined];
  return [cause.message, code, error, description, ...inner.flat()].filter((text) => text !== undefined).join(' · ');
}
