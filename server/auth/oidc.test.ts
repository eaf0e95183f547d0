import { generateKeyPairSync, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { OidcSettings } from '#server/config/oidc-settings.ts';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { startOidcProvider, type TestOidcProvider } from '#server/testing/oidc-provider.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { inProject, testUser } from '#server/testing/users.ts';

const redirectUri = 'http://127.0.0.1/api/auth/oidc/callback';

let provider: TestOidcProvider;
beforeAll(async () => {
  provider = await startOidcProvider([redirectUri], {});
});
afterAll(() => provider[Symbol.asyncDispose]());
beforeEach(() => {
  provider.intercept = undefined;
  provider.accounts = {
    ada: { name: 'Ada Lovelace', email: 'Ada@example.com', email_verified: true },
    bob: { name: 'Bob', email: 'bob@example.com', email_verified: true },
    eve: { name: 'Eve', email: 'bob@example.com', email_verified: false },
    mute: { name: 'Mute' },
    vague: { name: 'Vague', email: 'bob@example.com' },
  };
});

const oidcApp = (settings: Partial<OidcSettings> = {}) =>
  testApp({
    accounts: {},
    oidc: {
      issuer: provider.issuer,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret,
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

const cookieOf = (response: Response, name: string) =>
  response.headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.split(';')[0];

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
  const response = await comeBack(await provider.visit(url, as));
  const cookie = cookieOf(response, 'runlight.session_token');
  return {
    response,
    location: response.headers.get('location'),
    client: cookie === undefined ? undefined : createTestClient({ url: app.url, headers: { cookie } }),
  };
}

const invite = async (owner: Pick<Awaited<ReturnType<typeof testUser>>, 'api'>, email: string) =>
  (await owner.api.members.invite.mutate({ email, role: 'editor' })).path.replace('/join/', '');

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

test('the first user is the owner, and is the same user at the next sign-in', async () => {
  await using app = await oidcApp();
  const { response, client } = await signIn(app, 'ada', { to: '/runs?q=a&kind=job' });
  expect(response.status).toBe(200);
  expect(response.headers.getSetCookie().join('\n')).toMatch(/session_token=.*SameSite=Strict/i);
  expect(await response.text()).toContain('content="0; url=/runs?q=a&#38;kind=job"');
  const me = await client!.api.account.me.query();
  expect(me).toMatchObject({ kind: 'user', name: 'Ada Lovelace', role: 'owner' });
  // Their address has changed at the provider meanwhile: they are who they are.
  provider.accounts['ada'] = { name: 'Ada King', email: 'king@example.com', email_verified: false };
  const again = await signIn(app, 'ada');
  expect(await again.client!.api.account.me.query()).toMatchObject({ id: me.id, name: 'Ada Lovelace' });
});

test('signing in accepts an invitation to the verified address, with its link and without', async () => {
  await using app = await oidcApp();
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  expect((await signIn(app, 'bob')).location).toBe('/sign-in?problem=uninvited&to=%2F');
  await invite(ada, 'bob@example.com');
  const bob = await signIn(app, 'bob');
  expect(await bob.client!.api.account.me.query()).toMatchObject({ name: 'Bob', role: 'editor' });
  expect((await ada.api.members.invitations.query()).items).toEqual([]);

  provider.accounts['carl'] = { email: 'carl@example.com', email_verified: true };
  const invitation = await invite(ada, 'carl@example.com');
  const carl = await signIn(app, 'carl', { invitation });
  expect(await carl.client!.api.account.me.query()).toMatchObject({ name: 'carl', role: 'editor' });
  const link = await invite(ada, 'somebody@example.com');
  expect((await signIn(app, 'carl', { invitation: link })).location).toBe(`/join/${link}?problem=other_address&to=%2F`);
});

test('a user invited by two organisations joins both, and neither learns of the other', async () => {
  await using app = await oidcApp();
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { projectId } = await ada.api.organizations.create.mutate({ name: 'Acme' });
  const acme = inProject(app, ada, projectId);
  await ada.api.members.inviteToProject.mutate({ email: 'bob@example.com', role: 'viewer' });
  await acme.api.members.invite.mutate({ email: 'bob@example.com', role: 'owner' });
  const bob = (await signIn(app, 'bob')).client!;
  const { id: actor, projects } = await bob.api.account.me.query();
  expect(projects.map(({ organization, role, ownsOrganization }) => [organization, role, ownsOrganization])).toEqual([
    ['Acme', 'owner', true],
    ['Default', 'viewer', false],
  ]);
  const told = async ({ api }: typeof bob) =>
    (await api.audit.list.query({ actor })).items.map(({ action, details }) => [action, details.role]).sort();
  expect(await told(ada)).toEqual([
    ['account.created', undefined],
    ['invitation.accepted', 'viewer'],
    ['session.started', undefined],
  ]);
  expect(await told(acme)).toEqual([
    ['account.created', undefined],
    ['invitation.accepted', 'owner'],
    ['session.started', undefined],
  ]);
});

test('a member joins another organisation by its link alone', async () => {
  await using app = await oidcApp();
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  await invite(ada, 'bob@example.com');
  await signIn(app, 'bob');
  const { projectId } = await ada.api.organizations.create.mutate({ name: 'Snoop' });
  const invitation = await invite(inProject(app, ada, projectId), 'bob@example.com');
  const organizations = async (body?: object) => {
    const { client } = await signIn(app, 'bob', body);
    return (await client!.api.account.me.query()).projects.map(({ organization }) => organization);
  };
  expect(await organizations()).toEqual(['Default']);
  expect(await organizations({ invitation })).toEqual(['Default', 'Snoop']);
});

test('two sign-ins at once for one invitation make one user', async () => {
  await using app = await oidcApp();
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  await invite(ada, 'bob@example.com');
  const both = await Promise.all([signIn(app, 'bob'), signIn(app, 'bob')]);
  const ids = await Promise.all(both.map(({ client }) => client!.api.account.me.query().then(({ id }) => id)));
  expect(new Set(ids).size).toBe(1);
});

test('an address that is not verified opens and makes no account', async () => {
  await using app = await oidcApp();
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const invitation = await invite(ada, 'bob@example.com');
  await testUser(app, { email: 'bob@example.com', name: 'Bob', invitation });
  for (const as of ['eve', 'vague'])
    expect((await signIn(app, as)).location, as).toBe('/sign-in?problem=unverified&to=%2F');
  expect((await signIn(app, 'mute')).location).toBe('/sign-in?problem=no_address&to=%2F');
});

test('with OIDC_TRUST_EMAIL, an address counts as verified unless the provider denies it', async () => {
  await using app = await oidcApp({ trustsEmail: true });
  expect((await signIn(app, 'eve')).location).toBe('/sign-in?problem=unverified&to=%2F');
  const { client } = await signIn(app, 'vague');
  expect(await client!.api.account.me.query()).toMatchObject({ name: 'Vague', role: 'owner' });
});

test('linking an account whose address was not verified deletes its password and sessions', async () => {
  await using app = await oidcApp();
  const before = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { id } = await before.api.account.me.query();
  expect(await before.api.account.sessions.query()).toMatchObject({ hasPassword: true });
  const { client } = await signIn(app, 'ada');
  expect(await client!.api.account.sessions.query()).toMatchObject({ hasPassword: false });
  expect(await client!.api.account.me.query()).toMatchObject({ id, name: 'Ada', role: 'owner' });
  await expect(before.api.account.me.query()).rejects.toThrow('Sign in first');
  await expect(testUser(app, { email: 'ada@example.com', name: 'Ada', signIn: true })).rejects.toThrow('401');
  // From then on, signing in ends no other session.
  const second = await signIn(app, 'ada');
  for (const { api } of [client!, second.client!]) expect(await api.account.me.query()).toMatchObject({ id });
});

test('an address that passed to another person opens no account of the former holder', async () => {
  await using app = await oidcApp();
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  await invite(ada, 'bob@example.com');
  const bob = (await signIn(app, 'bob')).client!;
  const { id: userId } = await bob.api.account.me.query();
  provider.accounts['bobby'] = { name: 'Bobby', email: 'bob@example.com', email_verified: true };
  expect((await signIn(app, 'bobby')).location).toBe('/sign-in?problem=taken&to=%2F');
  expect(await bob.api.account.me.query()).toMatchObject({ id: userId });
  // Who was removed has left nothing: the next who is invited gets in, and the former does not.
  await ada.api.members.remove.mutate({ userId });
  await invite(ada, 'bob@example.com');
  const bobby = (await signIn(app, 'bobby')).client!;
  expect(await bobby.api.account.me.query()).toMatchObject({ role: 'editor' });
  await expect(bob.api.account.me.query()).rejects.toThrow('Sign in first');
  expect((await signIn(app, 'bob')).location).toBe('/sign-in?problem=taken&to=%2F');
});

test('authentication events of the provider are in the audit log', async () => {
  await using app = await oidcApp();
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  await signIn(app, 'bob');
  await invite(ada, 'bob@example.com');
  await signIn(app, 'bob');
  const { client } = await signIn(app, 'ada');
  await eventually(async () => {
    const { items } = await client!.api.audit.list.query({});
    expect(items.map(({ action, actorName, details }) => [action, actorName, details.provider])).toEqual(
      expect.arrayContaining([
        ['account.refused', 'Somebody', 'Acme'],
        ['account.created', 'Bob', 'Acme'],
        ['session.started', 'Bob', 'Acme'],
        ['account.linked', 'Ada', 'Acme'],
        ['session.started', 'Ada', 'Acme'],
      ]),
    );
  });
});

test('the same subject at another provider is another identity', async () => {
  await using app = await oidcApp();
  await signIn(app, 'ada');
  await app.services.db.updateTable('credentials').set({ providerId: 'https://old.example' }).execute();
  provider.accounts['ada'] = { email: 'mallory@example.com', email_verified: true };
  expect((await signIn(app, 'ada')).location).toBe('/sign-in?problem=uninvited&to=%2F');
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
      // Each silence takes as long as is waited for it.
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
