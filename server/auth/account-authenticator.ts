import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import pLimit from 'p-limit';
import type { AttemptLog } from '#server/audit/attempt-log.ts';
import type { OidcSettings } from '#server/config/oidc-settings.ts';
import type { Database } from '#server/db/database.ts';
import type { Caller } from '#server/identity/caller.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import { AppError } from '#server/lib/errors.ts';
import type { Logger } from '#server/lib/logger.ts';
import { createAccountAudit } from './account-audit.ts';
import type { Authenticator } from './authenticator.ts';
import { createAuth } from './better-auth.ts';
import { addBetterAuthRoutes } from './better-auth-routes.ts';
import { addInvitationRoutes } from './invitation-routes.ts';
import { addOidcRoutes } from './oidc-routes.ts';
import { addPasswordResetRoutes } from './password-reset-routes.ts';
import { createPermissionReads, type Permissions, type ProjectPermissions } from './permissions.ts';
import { readBearer, readCookie, readProject } from './request-credentials.ts';
import { isNew } from './sign-up.ts';

/** Callers kept in memory, so that their requests share an object. */
const maxCallers = 10_000;

/**
 * Requests that hash a password at the same time. Each of them holds a database connection while it hashes, and needs a
 * second one to count attempts. Without this bound, strangers who try to sign in could take all connections.
 */
const maxHashing = 3;

/** A session or an API key, as a request shows it. */
interface Credential {
  id: string;
  /** Resolves to undefined for an unknown, expired or revoked credential. */
  readPermissions(): Promise<Permissions | undefined>;
}

/** People sign in, programs send an API key. What either may do depends on their role in the project. */
export function createAccountAuthenticator(options: {
  db: Database;
  /** The URL that people use. */
  baseUrl: string;
  secret: string;
  /** A second URL of this server. */
  publicUrl?: string | undefined;
  /** The OIDC provider, if people may sign in with one. */
  oidc?: OidcSettings | undefined;
  logger: Logger;
  addressOf(req: IncomingMessage): string;
  attempts: AttemptLog;
}): Authenticator {
  const { db, baseUrl, secret, oidc } = options;
  const origin = new URL(baseUrl).origin;
  const auth = createAuth({ db, baseUrl: origin, secret });
  const permissionReads = createPermissionReads(db);
  const audit = createAccountAudit(options);
  const names = new Set([baseUrl, options.publicUrl ?? baseUrl].map((url) => new URL(url).hostname));
  /** By credential and project. */
  const callers = new Map<string, Caller>();
  const credentials = new WeakMap<Caller, Credential>();

  function credentialOf(req: IncomingMessage): Credential | undefined {
    const bearer = readBearer(req);
    if (bearer !== undefined) {
      const hash = hashSecret(bearer);
      return { id: hash, readPermissions: () => permissionReads.byKey(hash) };
    }
    const cookie = readCookie(req, auth.cookieName);
    const token = cookie === undefined ? undefined : auth.tokenOf(cookie);
    return token === undefined ? undefined : { id: token, readPermissions: () => permissionReads.bySession(token) };
  }

  async function authenticate(req: IncomingMessage, projectId = readProject(req)): Promise<Caller> {
    const credential = credentialOf(req);
    const permissions = await credential?.readPermissions();
    if (!credential || !permissions) {
      const refusal = notSignedIn(req);
      audit.noteUnknownKey(req, refusal.message);
      throw refusal;
    }
    const { principal, sessionId, projects } = permissions;
    const [firstProject] = projects.keys();
    if (firstProject === undefined) {
      const message = 'You are not a member of any organisation: ask an owner to invite you.';
      audit.noteNoMember(req, principal, message);
      throw new AppError('FORBIDDEN', message);
    }
    const wanted = projectId ?? firstProject;
    const inProject = projects.get(wanted);
    if (inProject === undefined) throw new AppError('NOT_FOUND', `There is no project ${wanted}.`);

    const key = `${credential.id} ${wanted}`;
    const known = callers.get(key);
    if (known && hasSamePermissions(known, inProject) && known.principal.name === principal.name) return known;
    const caller: Caller = {
      principal,
      projectId: wanted,
      ...inProject,
      ...(sessionId !== undefined && { sessionId }),
    };
    if (callers.size >= maxCallers) callers.clear();
    callers.set(key, caller);
    credentials.set(caller, credential);
    return caller;
  }

  /** The signed-in user. Throws UNAUTHORIZED. */
  async function requireSession(req: IncomingMessage): Promise<Permissions> {
    const permissions = await credentialOf(req)?.readPermissions();
    if (permissions?.principal.kind !== 'user') throw notSignedIn(req);
    return permissions;
  }

  return {
    hosts: {
      // DNS rebinding needs a public name. Names without a dot and bare IP addresses are none.
      allows: (host) => names.has(host) || !host.includes('.') || isIP(host) !== 0 || host.startsWith('['),
      origins: new Set([origin, ...(options.publicUrl ? [new URL(options.publicUrl).origin] : [])]),
      addresses: [origin],
      setting: 'BASE_URL',
    },
    urlSigningSecret: createHmac('sha256', secret).update('artifacts').digest('base64url'),
    authenticate,

    async findRevoked(watching) {
      const checks = [...watching].map(async (caller): Promise<Caller | undefined> => {
        const permissions = await credentials.get(caller)?.readPermissions();
        return hasSamePermissions(caller, permissions?.projects.get(caller.projectId)) ? undefined : caller;
      });
      return new Set((await Promise.all(checks)).filter((caller) => caller !== undefined));
    },

    addRoutes(app) {
      app.get('/api/sign-in', async () => ({
        kind: 'accounts',
        isNew: await isNew(db),
        ...(oidc && { provider: oidc.name }),
      }));
      const semaphore = pLimit(maxHashing);
      const context = { ...options, origin, auth, audit, semaphore, requireSession };
      if (oidc) addOidcRoutes(app, { ...context, settings: oidc });
      addBetterAuthRoutes(app, context);
      addPasswordResetRoutes(app, context);
      addInvitationRoutes(app, context);
    },
  };
}

function hasSamePermissions(caller: Caller, permissions: ProjectPermissions | undefined): boolean {
  return (
    permissions?.role === caller.role &&
    permissions.ownsOrganization === caller.ownsOrganization &&
    permissions.organizationId === caller.organizationId
  );
}

function notSignedIn(req: IncomingMessage): AppError {
  return new AppError(
    'UNAUTHORIZED',
    readBearer(req) === undefined
      ? 'Sign in first; programs send an API key as "Authorization: Bearer …".'
      : 'The API key is unknown, has been revoked or has expired.',
  );
}
