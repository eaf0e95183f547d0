import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** The claims of each user; the key is the name to sign in with, and the subject. */
export type Accounts = Record<string, { name?: string; email?: string; email_verified?: boolean }>;

export interface TestOidcProvider extends AsyncDisposable {
  issuer: string;
  clientId: string;
  clientSecret: string;
  accounts: Accounts;
  /** Answers in its place what is asked for at this path, until it is reset. */
  intercept: { path: string; answer(res: ServerResponse): void } | undefined;
  /** Signs in at the address that a browser is sent to, or refuses to; answers the address that it is sent back to. */
  visit(url: string, as: string | 'denied'): Promise<string>;
}

/**
 * A certified OIDC provider in this process, at a site that is another one than 127.0.0.1. It asks for no password.
 * `redirectUris`: where the client of it may have people sent back to.
 */
export async function startOidcProvider(redirectUris: string[], accounts: Accounts): Promise<TestOidcProvider> {
  let handle: (req: IncomingMessage, res: ServerResponse) => void = () => {};
  const server = createServer((req, res) => {
    const { intercept } = started;
    if (intercept && new URL(req.url!, issuer).pathname === intercept.path) intercept.answer(res);
    else handle(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const clientId = 'runlight';
  const clientSecret = randomBytes(16).toString('hex');

  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: redirectUris }],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) =>
      started.accounts[id] && { accountId: id, claims: () => ({ sub: id, ...started.accounts[id] }) },
    // Everybody agrees that we learn who they are.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session!.accountId! });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  handle = (req, res) => {
    if (!req.url!.startsWith('/interaction/')) return void answer(req, res);
    void interact(provider, req, res);
  };

  const started: TestOidcProvider = {
    issuer,
    clientId,
    clientSecret,
    accounts,
    intercept: undefined,
    async visit(url, as) {
      const cookies = new Map<string, string>();
      const go = async (to: string, body?: URLSearchParams): Promise<string> => {
        const response = await fetch(to, {
          redirect: 'manual',
          headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
          ...(body && { method: 'POST', body }),
        });
        for (const cookie of response.headers.getSetCookie()) {
          const [pair = ''] = cookie.split(';');
          cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
        }
        await response.arrayBuffer();
        const location = response.headers.get('location');
        if (location === null) return go(to, new URLSearchParams(as === 'denied' ? { deny: '1' } : { login: as }));
        const next = new URL(location, to).href;
        return next.startsWith(issuer) ? go(next) : next;
      };
      return go(url);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return started;
}

/** The page on which one says who one is, or that one does not want to. */
async function interact(provider: Provider, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'POST') {
    res.writeHead(200, { 'content-type': 'text/html' });
    return void res.end(
      `<!doctype html><html lang="en"><title>Acme accounts</title><h1>Acme accounts</h1><form method="post">
        <label>Account <input name="login"></label> <button>Continue</button> <button name="deny" value="1">Cancel</button>
      </form></html>`,
    );
  }
  let text = '';
  for await (const chunk of req) text += String(chunk);
  const form = new URLSearchParams(text);
  const result = form.has('deny')
    ? { error: 'access_denied', error_description: 'they would rather not' }
    : { login: { accountId: form.get('login')! } };
  await provider.interactionFinished(req, res, result);
}
