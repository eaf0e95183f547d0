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
 * The authenticator that the environment selects: accounts if BASE_URL is set, else the access token in `DATA_DIR`, which is
 * part of the result. Throws when the token's file holds none.
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
  // The schema of the environment requires AUTH_SECRET along with BASE_URL.
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
