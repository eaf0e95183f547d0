import { generateKeyPairSync, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { createOidcFixture, oidcAccounts, redirectUri } from '#server/testing/oidc-fixture.ts';
import { startOidcProvider, type TestOidcProvider } from '#server/testing/oidc-provider.ts';
import { testApp } from '#server/testing/resources.ts';

let provider: TestOidcProvider;
beforeAll(async () => {
  provider = await startOidcProvider([redirectUri], {});
});
afterAll(() => provider[Symbol.asyncDispose]());
beforeEach(() => {
  provider.intercept = undefined;
  provider.accounts = oidcAccounts();
});

const { oidcApp, start, begin, signIn } = createOidcFixture(() => provider);

test('the sign-in page names the provider, and the browser is sent there with PKCE, state and nonce', async () => {
  await using app = await oidcApp();
  expect(await (await fetch(`${app.url}/api/sign-in`)).json()).toEqual({
    kind: 'accounts',
    isNew: true,
    provider: 'Acme',
  });
  const { url, response } = await begin(app);
  expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
    response_type: 'code',
    redirect_uri: redirectUri,
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/.{43}/),
    state: expect.stringMatching(/.{43}/),
    nonce: expect.stringMatching(/.{43}/),
  });
  expect(response.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^runlight\.oidc=[\da-f]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
  ]);
});

test('a user who denies access at the provider gets a message about it', async () => {
  await using app = await oidcApp();
  const { response, location } = await signIn(app, 'denied', { to: '/runs' });
  expect([response.status, location]).toEqual([303, '/sign-in?problem=denied&to=%2Fruns']);
});

test('an answer of the provider works once, in the browser that started, and for ten minutes', async () => {
  await using app = await oidcApp();
  const first = await begin(app);
  const second = await begin(app);
  const back = await provider.visit(first.url, 'ada');
  const problem = async (response: Promise<Response>) => {
    const location = (await response).headers.get('location');
    return new URL(location!, app.url).searchParams.get('problem');
  };
  // Without the cookie, with that of another attempt, with one that was tampered with.
  expect(await problem(first.comeBack(back, {}))).toBe('expired');
  expect(await problem(first.comeBack(back, { cookie: second.cookie }))).toBe('expired');
  expect(await problem(first.comeBack(back, { cookie: first.cookie.replace(/.$/, 'x') }))).toBe('expired');
  expect(await problem(first.comeBack(back.replace(/state=[^&]+/, 'state=guessed')))).toBe('expired');
  // Another attempt's code, which has been asked for with another challenge.
  const stolen = new URL(await provider.visit(second.url, 'ada'));
  stolen.searchParams.set('state', new URL(back).searchParams.get('state')!);
  expect(await problem(first.comeBack(stolen.href))).toBe('expired');
  const entered = await first.comeBack(back);
  expect(entered.status).toBe(200);
  expect(entered.headers.getSetCookie()[0]).toMatch(/^runlight\.oidc=; .*Max-Age=0/);
  expect(await problem(first.comeBack(back))).toBe('expired');

  const late = await begin(app);
  const tooLate = await provider.visit(late.url, 'ada');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
  try {
    expect(await problem(late.comeBack(tooLate))).toBe('expired');
  } finally {
    vi.useRealTimers();
  }
});

test('a client secret that the provider refuses is reported and logged, without the secret', async () => {
  await using app = await oidcApp({ clientSecret: 'not the secret' });
  const warn = vi.spyOn(app.services.logger, 'warn');
  expect((await signIn(app, 'ada')).location).toBe('/sign-in?problem=failed&to=%2F');
  expect(warn).toHaveBeenCalledWith(
    { problem: 'failed', reason: expect.stringContaining('invalid_client') },
    expect.any(String),
  );
  expect(JSON.stringify(warn.mock.calls)).not.toContain('not the secret');
});

test('an ID token with a wrong signature, or without one, is refused', async () => {
  await using app = await oidcApp();
  const jwks = (await (await fetch(`${provider.issuer}/jwks`)).json()) as { keys: { kid: string }[] };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const alg of ['RS256', 'none']) {
    const { url, comeBack } = await begin(app);
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: provider.issuer,
      aud: provider.clientId,
      sub: 'ada',
      nonce: new URL(url).searchParams.get('nonce'),
      email: 'ada@example.com',
      email_verified: true,
      iat: now,
      exp: now + 600,
    };
    const signed = `${encode({ alg, kid: jwks.keys[0]!.kid })}.${encode(claims)}`;
    const signature = alg === 'none' ? '' : sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
    const back = await provider.visit(url, 'ada');
    provider.intercept = {
      path: '/token',
      answer: (res) =>
        void res
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ access_token: 'x', token_type: 'Bearer', id_token: `${signed}.${signature}` })),
    };
    const { headers } = await comeBack(back);
    provider.intercept = undefined;
    expect(headers.get('location'), alg).toBe('/sign-in?problem=failed&to=%2F');
  }
  expect(await app.services.db.selectFrom('users').select('id').execute()).toEqual([]);
});

test('a provider that is down, slow or broken is reported, and works again when it is back', async () => {
  await using app = await oidcApp({ timeoutMs: 2_000 });
  const faults = {
    silent: () => {},
    broken: (res: ServerResponse) => void res.writeHead(502).end('<h1>Bad gateway</h1>'),
    cut: (res: ServerResponse) => void res.destroy(),
  };
  for (const [fault, answer] of Object.entries(faults)) {
    provider.intercept = { path: '/.well-known/openid-configuration', answer };
    const refused = await start(app);
    expect([refused.status, await refused.json()], fault).toEqual([
      503,
      { error: 'service unavailable', message: 'Acme gives no answer at the moment. Try again soon.' },
    ]);
  }
  provider.intercept = undefined;
  for (const path of ['/token', '/me', '/jwks'])
    for (const [fault, answer] of Object.entries(faults)) {
      // Each silence takes as long as the timeout.
      if (fault === 'silent' && path !== '/token') continue;
      const { url, comeBack } = await begin(app);
      const back = await provider.visit(url, 'ada');
      provider.intercept = { path, answer };
      const { headers } = await comeBack(back);
      provider.intercept = undefined;
      // Keys that are known need not be asked for.
      if (path !== '/jwks') expect(headers.get('location'), fault).toBe('/sign-in?problem=unavailable&to=%2F');
    }
  expect((await signIn(app, 'ada')).response.status).toBe(200);
});

test('no database connection is held while the provider is asked', async () => {
  await using app = await oidcApp();
  const held: ServerResponse[] = [];
  const attempts = await Promise.all(Array.from({ length: 15 }, () => begin(app)));
  const backs: string[] = [];
  for (const { url } of attempts) backs.push(await provider.visit(url, 'ada'));
  provider.intercept = { path: '/token', answer: (res) => void held.push(res) };
  const answers = attempts.map(({ comeBack }, at) => comeBack(backs[at]!));
  await eventually(() => expect(held.length).toBe(15));
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and application_name = 'runlight' and state like 'idle in transaction%'`.execute(
    app.services.db,
  );
  expect(rows).toEqual([{ count: 0 }]);
  for (const res of held) res.writeHead(503).end();
  for (const { status } of await Promise.all(answers)) expect(status).toBe(303);
});

test('sign-ins of one address are limited', async () => {
  await using app = await oidcApp();
  const statuses = [];
  for (let count = 0; count < 61; count += 1) statuses.push((await start(app)).status);
  expect(statuses.slice(0, 60).every((status) => status === 200)).toBe(true);
  const refused = await start(app);
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('Too many attempts')]);
  const callback = await fetch(`${app.url}/api/auth/oidc/callback?code=x&state=y`, { redirect: 'manual' });
  expect(callback.headers.get('location')).toBe('/sign-in?problem=too_many');
});

test('the way back never leads to another site', async () => {
  await using app = await oidcApp();
  for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/\n/evil'])
    expect((await start(app, { to })).status, to).toBe(400);
});

test('without settings of a provider, its routes do not exist', async () => {
  await using app = await testApp({ accounts: {} });
  expect((await start(app)).status).toBe(404);
  expect((await fetch(`${app.url}/api/auth/oidc/callback`)).status).toBe(404);
});
