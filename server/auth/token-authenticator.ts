import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { strangerAt, type Who } from '#server/identity/actor.ts';
import type { AttemptLog } from '#server/audit/attempt-log.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import { AppError } from '#server/lib/errors.ts';
import type { Caller } from '#server/identity/caller.ts';
import type { Authenticator } from './authenticator.ts';
import { isSameSecret } from '#server/identity/secrets.ts';
import { readBearer, readCookie } from './request-credentials.ts';

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

const yearS = 365 * 24 * 3_600;

/**
 * One access token opens everything, as on a laptop with one user. Browsers send it once, in the URL that Runlight prints, and
 * hold a cookie from then on; programs send it as `Authorization: Bearer`.
 */
export function createTokenAuthenticator(options: {
  token: string;
  projectId: string;
  /** The URL that people use, when a proxy stands in front. */
  publicUrl?: string | undefined;
  addressOf(req: IncomingMessage): string;
  attempts: AttemptLog;
}): Authenticator {
  const { token, projectId, addressOf, attempts } = options;
  const caller: Caller = {
    principal: { kind: 'local', id: 'local', name: 'local' },
    projectId,
    organizationId: defaultOrganizationId,
    role: 'owner',
    ownsOrganization: true,
  };
  const derive = (purpose: string) => createHmac('sha256', token).update(purpose).digest('base64url');
  const pass = derive('cookie');
  const publicUrl = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
  const hosts = new Set([...loopbackHosts, ...(publicUrl ? [publicUrl.hostname] : [])]);

  function holdsToken(req: IncomingMessage): boolean {
    const bearer = readBearer(req);
    if (bearer !== undefined) return isSameSecret(bearer, token);
    const cookie = readCookie(req, cookieName(req));
    return cookie !== undefined && isSameSecret(cookie, pass);
  }
  const passCookie = (req: IncomingMessage, value = pass, maxAgeS = yearS) =>
    `${cookieName(req)}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict`;

  /** Audits the use of the token, or of a wrong one. */
  function note(req: IncomingMessage, action: 'session.started' | 'session.refused' | 'key.refused') {
    const address = addressOf(req);
    const holder: Who = { kind: 'token', id: 'token', name: 'Access token', address };
    attempts.note({
      action,
      who: action === 'session.started' ? holder : strangerAt(address),
      scope: { projectId },
      target: { kind: 'account', id: null, name: 'Access token' },
    });
  }

  return {
    hosts: {
      allows: (host) => hosts.has(host),
      origins: new Set(publicUrl ? [publicUrl.origin] : []),
      addresses: publicUrl ? [publicUrl.origin] : loopbackHosts,
      setting: 'PUBLIC_URL',
    },
    urlSigningSecret: derive('artifacts'),

    authenticate(req, project) {
      if (!holdsToken(req)) {
        if (readBearer(req) !== undefined) note(req, 'key.refused');
        throw new AppError(
          'UNAUTHORIZED',
          'This Runlight is locked: open the address that it printed when it started, or send the token in DATA_DIR/access-token as "Authorization: Bearer …".',
        );
      }
      if (project !== undefined && project !== projectId)
        throw new AppError('NOT_FOUND', `There is no project ${project}.`);
      return caller;
    },

    findRevoked: async () => new Set(),

    addRoutes(app) {
      // The printed URL: its token becomes a cookie, and leaves the address bar and the history.
      app.addHook('onRequest', async (request, reply) => {
        if (request.method !== 'GET' || !request.url.includes('token=')) return;
        if (!URL.canParse(request.url, 'http://localhost')) return;
        const url = new URL(request.url, 'http://localhost');
        const given = url.searchParams.get('token');
        if (given === null || /^\/(api|artifacts)\//.test(url.pathname)) return;
        const isRight = isSameSecret(given, token);
        note(request.raw, isRight ? 'session.started' : 'session.refused');
        if (isRight) reply.header('set-cookie', passCookie(request.raw));
        url.searchParams.delete('token');
        // Two slashes at the start would make it the URL of another site.
        const to = `${url.pathname.replace(/^\/+/, '/')}${url.search}`;
        return reply.header('cache-control', 'no-store').redirect(to, 303);
      });

      app.get('/api/sign-in', async () => ({ kind: 'token' }));
      app.post('/api/sign-in', async (request, reply) => {
        const { data } = z.object({ token: z.string().max(1_000) }).safeParse(request.body);
        const isRight = data !== undefined && isSameSecret(data.token.trim(), token);
        note(request.raw, isRight ? 'session.started' : 'session.refused');
        if (!isRight)
          throw new AppError('UNAUTHORIZED', 'This is not the access token. It is in DATA_DIR/access-token.');
        return reply.code(204).header('set-cookie', passCookie(request.raw)).send();
      });
      app.post('/api/sign-out', async (request, reply) =>
        reply
          .code(204)
          .header('set-cookie', passCookie(request.raw, '', 0))
          .send(),
      );
    },
  };
}

/** The port tells the Runlights of a machine apart: browsers share cookies between ports. */
function cookieName({ socket }: IncomingMessage): string {
  return `runlight-${socket.localPort}`;
}
