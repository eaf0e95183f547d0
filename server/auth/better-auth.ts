import { AsyncLocalStorage } from 'node:async_hooks';
import { createHmac } from 'node:crypto';
import { createAuthEndpoint } from '@better-auth/core/api';
import { kyselyAdapter } from '@better-auth/kysely-adapter';
import { betterAuth, type BetterAuthOptions, type BetterAuthPlugin, type DBAdapter } from 'better-auth';
import { setSessionCookie } from 'better-auth/cookies';
import type { KyselyPlugin } from 'kysely';
import { z } from 'zod';
import type { Database, Trx } from '#server/db/database.ts';
import { isSameSecret } from '#server/identity/secrets.ts';

/** Holds the client's address. We set it on every request that better-auth sees, whatever the client sent. */
export const addressHeader = 'x-runlight-address';

/** A session ends after so many days without a request. */
const sessionDays = 30;

const dayS = 24 * 3_600;

/** better-auth expects times as `Date`; our database driver returns them as text. */
const datesPlugin: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  transformResult: async ({ result }) => ({
    ...result,
    rows: result.rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          key.endsWith('At') && typeof value === 'string' ? new Date(value) : value,
        ]),
      ),
    ),
  }),
};

const adapterOf = (db: Database | Trx, transaction: boolean) =>
  kyselyAdapter(db.withPlugin(datesPlugin), { type: 'postgres', transaction });

/**
 * Runs the adapter's calls in the current transaction. better-auth's own `runWithAdapter` does not: its handler returns to the
 * adapter that it was created with. Attempts are counted outside of the transaction: a rollback must not undo the count, and
 * other requests must not wait for the end of the transaction.
 */
function followTransaction(adapter: DBAdapter, current: AsyncLocalStorage<DBAdapter>): DBAdapter {
  return new Proxy(adapter, {
    get(_, name) {
      const known = Reflect.get(adapter, name) as unknown;
      if (typeof known !== 'function') return known;
      return (input: unknown, ...others: unknown[]) => {
        const counts = (input as { model?: string } | undefined)?.model === 'rateLimit';
        const chosen = counts ? adapter : (current.getStore() ?? adapter);
        return (Reflect.get(chosen, name) as Function).call(chosen, input, ...others) as unknown;
      };
    },
  });
}

/** Starts a session for a user whom the OIDC provider has authenticated. It has no route. */
const entrancePlugin = {
  id: 'entrance',
  endpoints: {
    enter: createAuthEndpoint.serverOnly({ method: 'POST', body: z.object({ userId: z.string() }) }, async (ctx) => {
      const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
      if (!user) throw new Error(`There is no user ${ctx.body.userId}.`);
      const session = await ctx.context.internalAdapter.createSession(user.id);
      await setSessionCookie(ctx, { session, user }, false);
      return { userId: user.id };
    }),
  },
} satisfies BetterAuthPlugin;

export interface AuthOptions {
  db: Database;
  baseUrl: string;
  secret: string;
}

export type Auth = ReturnType<typeof createAuth>;

/**
 * better-auth handles passwords, sessions and sign-ins. Sign-ups, memberships, permissions and API keys are ours, in our own
 * tables.
 */
export function createAuth({ db, baseUrl, secret }: AuthOptions) {
  /** The adapter of the transaction in which a request is answered. */
  const current = new AsyncLocalStorage<DBAdapter>();
  const options = {
    appName: 'Runlight',
    baseURL: baseUrl,
    basePath: '/api/auth',
    secret,
    database: (options: BetterAuthOptions) => followTransaction(adapterOf(db, true)(options), current),
    telemetry: { enabled: false },
    // Faults of users are in the answer, so only errors are logged. Neither holds passwords or tokens.
    logger: { level: 'error' },
    emailAndPassword: { enabled: true, minPasswordLength: 12, maxPasswordLength: 200 },
    user: { modelName: 'users' },
    session: {
      modelName: 'sessions',
      expiresIn: sessionDays * dayS,
      updateAge: dayS,
    },
    account: { modelName: 'credentials' },
    verification: { modelName: 'verifications' },
    rateLimit: {
      enabled: true,
      storage: 'database',
      modelName: 'rateLimits',
      window: 60,
      max: 100,
      customRules: {
        '/sign-in/email': { window: 60, max: 10 },
        '/sign-up/email': { window: 60, max: 10 },
        '/change-password': { window: 60, max: 10 },
      },
    },
    advanced: {
      cookiePrefix: 'runlight',
      cookies: { session_token: { attributes: { sameSite: 'strict' } } },
      ipAddress: { ipAddressHeaders: [addressHeader] },
    },
    plugins: [entrancePlugin],
  } satisfies BetterAuthOptions;
  const auth = betterAuth(options);
  const cookieName = `${baseUrl.startsWith('https://') ? '__Secure-' : ''}runlight.session_token`;

  return {
    cookieName,
    /** The session token in a cookie; undefined unless its signature is valid. */
    tokenOf(cookie: string): string | undefined {
      let value: string;
      try {
        value = decodeURIComponent(cookie);
      } catch {
        return undefined;
      }
      const at = value.lastIndexOf('.');
      const token = value.slice(0, at);
      const signature = createHmac('sha256', secret).update(token).digest('base64');
      return at > 0 && isSameSecret(value.slice(at + 1), signature) ? token : undefined;
    },
    /** Starts a session for a user in the caller's transaction. The answer has the cookie. */
    async enter(userId: string, headers: Headers, trx: Trx): Promise<Response> {
      return await current.run(adapterOf(trx, false)(options), () =>
        auth.api.enter({ body: { userId }, headers, asResponse: true }),
      );
    },
    /** Answers a request of `/api/auth/…` in the caller's transaction. */
    async handle(request: Request, trx: Trx): Promise<Response> {
      return await current.run(adapterOf(trx, false)(options), () => auth.handler(request));
    },
  };
}
