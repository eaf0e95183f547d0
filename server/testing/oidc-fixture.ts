import { expect } from 'vitest';
import type { OidcSettings } from '#server/config/oidc-settings.ts';
import { createTestClient } from './client.ts';
import type { TestOidcProvider } from './oidc-provider.ts';
import { testApp, type TestSystem } from './resources.ts';

export const redirectUri = 'http://127.0.0.1/api/auth/oidc/callback';

/** The accounts that the provider has at the start of each test. */
export const oidcAccounts = () => ({
  ada: { name: 'Ada Lovelace', email: 'Ada@example.com', email_verified: true },
  bob: { name: 'Bob', email: 'bob@example.com', email_verified: true },
  eve: { name: 'Eve', email: 'bob@example.com', email_verified: false },
  mute: { name: 'Mute' },
  vague: { name: 'Vague', email: 'bob@example.com' },
});

export const cookieOf = (response: Response, name: string) =>
  response.headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.split(';')[0];

/** Signs users in by `provider`, which is read when it is used. */
export function createOidcFixture(provider: () => TestOidcProvider) {
  const oidcApp = (settings: Partial<OidcSettings> = {}) =>
    testApp({
      accounts: {},
      oidc: {
        issuer: provider().issuer,
        clientId: provider().clientId,
        clientSecret: provider().clientSecret,
        name: 'Acme',
        trustsEmail: false,
        timeoutMs: 5_000,
        ...settings,
      },
    });

  const start = (app: TestSystem, body: object = {}) =>
    fetch(`${app.url}/api/auth/oidc/start`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  /** Starts a sign-in, as a browser does; `comeBack` returns from the provider. */
  async function begin(app: TestSystem, body: object = {}) {
    const response = await start(app, body);
    expect(response.status).toBe(200);
    const { url } = (await response.json()) as { url: string };
    const cookie = cookieOf(response, 'runlight.oidc')!;
    const comeBack = (address: string, headers: Record<string, string> = { cookie }) =>
      fetch(address.replace('http://127.0.0.1', app.url), { headers, redirect: 'manual' });
    return { url, cookie, response, comeBack };
  }

  /** A whole sign-in: the last response, and a client if it succeeded. */
  async function signIn(app: TestSystem, as: string, body: object = {}) {
    const { url, comeBack } = await begin(app, body);
    const response = await comeBack(await provider().visit(url, as));
    const cookie = cookieOf(response, 'runlight.session_token');
    return {
      response,
      location: response.headers.get('location'),
      client: cookie === undefined ? undefined : createTestClient({ url: app.url, headers: { cookie } }),
    };
  }

  return { oidcApp, start, begin, signIn };
}
