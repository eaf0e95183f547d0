import type { IncomingMessage } from 'node:http';
import type { AttemptLog } from '#server/audit/attempt-log.ts';
import type { Database } from '#server/db/database.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { type Env, oidcSettings } from '#server/config/env.ts';
import type { Logger } from '#server/lib/logger.ts';
import { loadAccessToken } from './access-token.ts';
import { createAccountAuthenticator } from './account-authenticator.ts';
import type { Authenticator } from './authenticator.ts';
import { createTokenAuthenticator } from './token-authenticator.ts';

/**
 * The authenticator that the environment asks for: accounts where it names an address for them, and else the access token of
 * `DATA_DIR`, which comes along. Throws when that file holds no token.
 */
export async function chooseAuthenticator({
  env,
  services: { db, logger, attempts },
  addressOf,
  oidcTimeoutMs,
}: {
  env: Env;
  services: { db: Database; logger: Logger; attempts: AttemptLog };
  addressOf: (req: IncomingMessage) => string;
  /** How long each answer of the OIDC provider may take, in ms. */
  oidcTimeoutMs?: number | undefined;
}): Promise<{ authenticator: Authenticator; token?: string }> {
  const { BASE_URL: baseUrl, AUTH_SECRET: secret, PUBLIC_URL: publicUrl } = env;
  if (baseUrl === undefined) {
    const token = await loadAccessToken(env.DATA_DIR);
    return {
      authenticator: createTokenAuthenticator({ token, projectId: defaultProjectId, publicUrl, addressOf, attempts }),
      token,
    };
  }
  const oidc = oidcSettings(env, oidcTimeoutMs);
  // A secret comes with the address.
  return {
    authenticator: createAccountAuthenticator({
      db,
      baseUrl,
      secret: secret!,
      publicUrl,
      oidc,
      logger,
      addressOf,
      attempts,
    }),
  };
}
