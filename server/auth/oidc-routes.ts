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

/** How long a user may take at the provider, in ms. */
const signInMs = 600_000;

const callbackPath = '/api/auth/oidc/callback';

/** A path of this server: a redirect must not lead to another site. */
const pathSchema = z
  .string()
  .max(2_000)
  .regex(/^\/(?![/\\])[\x20-\x7e]*$/, 'must be a path of this server');
const startInput = z.object({ to: pathSchema.default('/'), invitation: z.string().max(200).optional() });
const signInSchema = startInput.extend({ checks: checksSchema, until: z.number() });
type SignIn = z.infer<typeof signInSchema>;

/**
 * The routes to the OIDC provider and back. The secrets of a sign-in are encrypted in a cookie of the browser that started it.
 * Unlike the session's cookie it is `SameSite=Lax`, since the way back is a navigation from the provider's site. No database
 * connection is held while the provider is asked.
 */
export function addOidcRoutes(
  app: FastifyInstance,
  options: {
    settings: OidcSettings;
    /** The origin of the URL that people use. */
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

  // The way there and the way back count as two attempts.
  const attemptLimit = createAttemptLimit(app, 'oidc', addressOf);
  async function limitAttempts(request: FastifyRequest): Promise<void> {
    if ((await attemptLimit(request)) > 0) throw new OidcError('too_many');
  }

  async function readSignIn(req: IncomingMessage): Promise<SignIn | undefined> {
    try {
      const text = await symmetricDecrypt({ key, data: readCookie(req, cookieName) ?? '' });
      const signIn = signInSchema.parse(JSON.parse(text));
      return signIn.until > Date.now() ? signIn : undefined;
    } catch {
      return undefined;
    }
  }

  /** The problem of a failed sign-in. Logs those that an operator can fix; rethrows all other errors. */
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
      const signIn: SignIn = { ...input.data, checks, until: Date.now() + signInMs };
      const sealed = await symmetricEncrypt({ key, data: JSON.stringify(signIn) });
      return reply.header('set-cookie', setCookie(sealed, signInMs)).header('cache-control', 'no-store').send({ url });
    } catch (error) {
      const problem = explain(error);
      throw new AppError(
        problem === 'too_many' ? 'TOO_MANY_REQUESTS' : 'SERVICE_UNAVAILABLE',
        describeProblem(problem, settings.name),
      );
    }
  });

  app.get(callbackPath, { exposeHeadRoute: false }, async (request, reply) => {
    const signIn = await readSignIn(request.raw);
    let identity: Identity | undefined;
    reply.header('cache-control', 'no-store');
    try {
      await limitAttempts(request);
      if (!signIn) throw new OidcError('expired');
      const recognised = await provider.finish(request.url.replace(/^[^?]*/, ''), signIn.checks);
      identity = recognised;
      const entered = await semaphore(() =>
        db.transaction().execute(async (trx) => {
          const userId = await signInIdentity(trx, recognised, {
            invitation: signIn.invitation,
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
      return sendOnward(reply, signIn.to);
    } catch (error) {
      const problem = explain(error);
      if (identity) {
        const reason = describeProblem(problem, settings.name);
        audit.noteIdentity(request.raw, identity.email, { provider: settings.name, reason });
      }
      const back = signIn?.invitation === undefined ? '/sign-in' : `/join/${encodeURIComponent(signIn.invitation)}`;
      const search = new URLSearchParams({ problem, ...(signIn && { to: signIn.to }) });
      return reply.header('set-cookie', setCookie('', 0)).redirect(`${back}?${search}`, 303);
    }
  });
}

/**
 * Sends a page that opens the next one. Browsers treat a chain of redirects from the provider as cross-site and send no
 * `SameSite=Strict` cookie with it; a navigation from our own page is same-site.
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

/** Describes an error for the log, without parts that may hold secrets. */
function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code, error, error_description: description } = cause as Error & Partial<Record<string, string>>;
  const inner =
    cause instanceof WWWAuthenticateChallengeError
      ? cause.cause.map(({ parameters }) => [parameters.error, parameters.error_description])
      : [cause.cause instanceof Error ? cause.cause.message : undefined];
  return [cause.message, code, error, description, ...inner.flat()].filter((text) => text !== undefined).join(' · ');
}
