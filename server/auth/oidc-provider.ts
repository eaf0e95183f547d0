import * as client from 'openid-client';
import { z } from 'zod';
import { nameOf } from '#shared/inputs.ts';
import type { SignInProblem } from '#shared/sign-in-problem.ts';
import type { OidcSettings } from '#server/config/oidc-settings.ts';

/** Secrets of one sign-in, which the browser must bring back from the provider. */
export const checksSchema = z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string() });
export type Checks = z.infer<typeof checksSchema>;

/** An identity that the provider has authenticated. */
export interface Identity {
  issuer: string;
  /** Never changes, and belongs to one identity for ever. */
  subject: string;
  name: string | undefined;
  /** In lower case; undefined without a valid address. */
  email: string | undefined;
  isEmailVerified: boolean;
}

/** Why a sign-in failed. `problem` is shown to the user, `cause` is logged. */
export class OidcError extends Error {
  override readonly name = 'OidcError';
  readonly problem: SignInProblem;
  constructor(problem: SignInProblem, options: { cause?: unknown } = {}) {
    super(`signing in with the OIDC provider failed: ${problem}`, options);
    this.problem = problem;
  }
}

/** How long the provider's metadata is cached. */
const metadataMs = 3_600_000;

/**
 * A client of the OIDC provider: authorization code flow with PKCE, state and nonce; it checks the signatures of ID tokens. It
 * reads the provider's metadata when they are first needed, so that Runlight starts while the provider is down.
 */
export function createOidcProvider(settings: OidcSettings, redirectUri: string) {
  const { issuer, clientId, clientSecret, timeoutMs } = settings;
  let known: { configuration: Promise<client.Configuration>; until: number } | undefined;

  function configure(): Promise<client.Configuration> {
    if (known && Date.now() < known.until) return known.configuration;
    const configuration = client.discovery(new URL(issuer), clientId, clientSecret, authenticate, {
      timeout: timeoutMs / 1_000,
      execute: [
        client.enableNonRepudiationChecks,
        // The environment's schema allows http for loopback addresses alone.
        ...(issuer.startsWith('http:') ? [client.allowInsecureRequests] : []),
      ],
    });
    known = { configuration, until: Date.now() + metadataMs };
    configuration.catch(() => (known = undefined));
    return configuration;
  }

  /** `client_secret_basic`, the default of the standard, unless the provider supports `client_secret_post` alone. */
  const authenticate: client.ClientAuth = (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const isBasic = methods.includes('client_secret_basic') || !methods.includes('client_secret_post');
    return (isBasic ? client.ClientSecretBasic : client.ClientSecretPost)(clientSecret)(server, ...rest);
  };

  return {
    settings,
    /** The URL to send the browser to, and the secrets that it must bring back. Throws OidcError. */
    async begin(): Promise<{ url: string; checks: Checks }> {
      return mapErrors(async () => {
        const checks = {
          state: client.randomState(),
          nonce: client.randomNonce(),
          codeVerifier: client.randomPKCECodeVerifier(),
        };
        const url = client.buildAuthorizationUrl(await configure(), {
          redirect_uri: redirectUri,
          scope: 'openid email profile',
          state: checks.state,
          nonce: checks.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(checks.codeVerifier),
          code_challenge_method: 'S256',
        });
        return { url: url.href, checks };
      });
    },

    /** The identity that signed in. `query`: the query string that the browser brings from the provider. Throws OidcError. */
    async finish(query: string, checks: Checks): Promise<Identity> {
      const url = new URL(redirectUri);
      url.search = query;
      if (url.searchParams.get('state') !== checks.state) throw new OidcError('expired');
      return mapErrors(async () => {
        const configuration = await configure();
        const tokens = await client.authorizationCodeGrant(configuration, url, {
          expectedState: checks.state,
          expectedNonce: checks.nonce,
          pkceCodeVerifier: checks.codeVerifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims()!;
        const isIncomplete = claims['email'] === undefined || claims['email_verified'] === undefined;
        const profile =
          isIncomplete && configuration.serverMetadata().userinfo_endpoint !== undefined
            ? { ...claims, ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)) }
            : claims;
        return { issuer: claims.iss, subject: claims.sub, ...readProfile(profile, settings) };
      });
    },
  };
}

export type OidcProvider = ReturnType<typeof createOidcProvider>;

const emailSchema = z.email().max(200).toLowerCase();
const nameSchema = nameOf(100);

function readProfile(claims: Record<string, unknown>, { trustsEmail }: OidcSettings) {
  const verified = claims['email_verified'];
  return {
    email: emailSchema.safeParse(claims['email']).data,
    // Some providers send it as text.
    isEmailVerified: verified === true || verified === 'true' || (trustsEmail && verified === undefined),
    name: nameSchema.safeParse(claims['name']).data ?? nameSchema.safeParse(claims['preferred_username']).data,
  };
}

async function mapErrors<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new OidcError(problemOf(error), { cause: error });
  }
}

const outages = new Set(['server_error', 'temporarily_unavailable']);
/** Codes of openid-client: no answer in time, or a malformed one, such as the error page of a proxy. */
const outageCodes = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);

function problemOf(error: unknown): SignInProblem {
  if (error instanceof client.AuthorizationResponseError) {
    if (error.error === 'access_denied') return 'denied';
    return outages.has(error.error) ? 'unavailable' : 'failed';
  }
  if (error instanceof client.ResponseBodyError) {
    // The code was used before or has expired.
    if (error.error === 'invalid_grant') return 'expired';
    return error.status >= 500 || outages.has(error.error) ? 'unavailable' : 'failed';
  }
  if (error instanceof client.ClientError) return outageCodes.has(error.code ?? '') ? 'unavailable' : 'failed';
  // fetch throws this when it cannot connect.
  return error instanceof TypeError && error.message === 'fetch failed' ? 'unavailable' : 'failed';
}
