import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { inProject, inviteAndJoin, testUser } from '#server/testing/users.ts';

const post = (app: TestSystem, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const accept = async (
  app: TestSystem,
  { headers }: { headers: Record<string, string> },
  { path }: { path: string },
) => {
  const answer = await post(app, `${path.replace('/join/', '/api/invitations/')}/accept`, {}, headers);
  expect(answer.status).toBe(204);
};
const password = 'correct horse battery';

test('the first who signs up owns it; others need an invitation, and have the role that it says', async () => {
  await using app = await testApp({ accounts: {} });
  expect(await (await fetch(`${app.url}/api/sign-in`)).json()).toEqual({ kind: 'accounts', isNew: true });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  expect(await (await fetch(`${app.url}/api/sign-in`)).json()).toEqual({ kind: 'accounts', isNew: false });
  expect(await ada.api.account.me.query()).toMatchObject({ kind: 'user', name: 'Ada', role: 'owner' });

  const faulty = await post(app, '/api/auth/sign-up/email', { name: 'Eve\nAda', email: 'eve', password: 'short' });
  expect([faulty.status, await faulty.json()]).toEqual([
    400,
    expect.objectContaining({ message: expect.stringMatching(/^name: .*line ends.* · email: .* · password: .*12/) }),
  ]);
  const uninvited = { name: 'Eve', email: 'eve@example.com', password };
  expect((await post(app, '/api/auth/sign-up/email', uninvited)).status).toBe(403);
  const { path } = await ada.api.members.invite.mutate({ email: 'Bob@example.com', role: 'viewer' });
  const invitation = path.replace('/join/', '');
  expect((await post(app, '/api/auth/sign-up/email', { ...uninvited, invitation })).status).toBe(403);
  expect(await (await fetch(`${app.url}/api/invitations/${invitation}`)).json()).toEqual({
    email: 'bob@example.com',
    role: 'viewer',
    organization: 'Default',
    project: null,
    invitedBy: 'Ada',
    hasAccount: false,
  });
  const bob = await testUser(app, { email: 'bob@example.com', name: 'Bob', invitation });
  expect(await bob.api.account.me.query()).toMatchObject({ role: 'viewer' });
  await expect(bob.api.tests.create.mutate({ name: 'A', script: 'x' })).rejects.toThrow('needs the role "editor"');
  expect((await fetch(`${app.url}/api/invitations/${invitation}`)).status).toBe(404);
  expect((await ada.api.members.list.query()).items.map(({ name, role }) => [name, role])).toEqual([
    ['Ada', 'owner'],
    ['Bob', 'viewer'],
  ]);
});

test('a wrong password is refused, and so are too many of them from one address, also behind a proxy', async () => {
  await using app = await testApp({ accounts: {}, proxies: 1 });
  await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const attempt = (address: string) =>
    post(
      app,
      '/api/auth/sign-in/email',
      { email: 'ada@example.com', password: 'wrong' },
      {
        // The first of these is what the client claims, the last what the proxy saw.
        'x-forwarded-for': `10.9.9.9, ${address}`,
      },
    );
  for (let count = 0; count < 10; count += 1) expect((await attempt('10.0.0.1')).status).toBe(401);
  const refused = await attempt('10.0.0.1');
  expect([refused.status, await refused.json()]).toEqual([
    429,
    { error: 'too many requests', message: expect.stringMatching(/Too many attempts from your address/) },
  ]);
  expect((await attempt('10.0.0.2')).status).toBe(401);
});

test('however many try to sign in at once, they are counted, and the others are served', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const attempts = Array.from({ length: 60 }, () =>
    post(app, '/api/auth/sign-in/email', { email: 'ada@example.com', password: 'wrong' }),
  );
  expect((await ada.api.queue.stats.query()).queued).toBe(0);
  const statuses = (await Promise.all(attempts)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
});

test('the cookie is http-only, strict, and signed; signing out ends the session', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  expect(ada.setCookie).toMatch(/^runlight\.session_token=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/i);
  const list = (cookie: string) =>
    fetch(`${app.url}/api/trpc/tests.list`, { headers: { cookie } }).then(({ status }) => status);
  const { cookie } = ada.headers;
  expect(await list(cookie)).toBe(200);
  const [name, token = ''] = cookie.split('=');
  const [, signature = ''] = decodeURIComponent(token).split('.');
  const row = await app.services.db.selectFrom('sessions').select('token').executeTakeFirstOrThrow();
  expect(await list(`${name}=${row.token}`)).toBe(401);
  expect(await list(`${name}=${encodeURIComponent(`x${row.token}.${signature}`)}`)).toBe(401);
  expect((await post(app, '/api/auth/sign-out', {}, ada.headers)).status).toBe(200);
  expect(await list(cookie)).toBe(401);
});

test('a session that has run out opens nothing', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  await app.services.db
    .updateTable('sessions')
    .set({ expiresAt: new Date(Date.now() - 1) })
    .execute();
  await expect(ada.api.tests.list.query()).rejects.toThrow('Sign in first');
  const answer = await fetch(`${app.url}/api/auth/get-session`, { headers: ada.headers });
  expect(await answer.json()).toBeNull();
});

test('whoever tries to sign up without an invitation is stopped after sixty attempts a minute, and nobody else', async () => {
  await using app = await testApp({ accounts: {}, proxies: 1 });
  await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const eve = { name: 'Eve', email: 'eve@example.com', password: 'correct horse battery' };
  const tryFrom = (address: string) => post(app, '/api/auth/sign-up/email', eve, { 'x-forwarded-for': address });
  const answers = await Promise.all(Array.from({ length: 70 }, () => tryFrom('10.6.6.6')));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array<number>(60).fill(403), ...Array<number>(10).fill(429)]);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ message: expect.stringContaining('Too many attempts') });
  expect((await tryFrom('10.6.6.7')).status).toBe(403);
});

test('of better-auth only what is needed can be reached', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  for (const path of ['list-sessions', 'delete-user', 'update-user', 'ok', 'error', 'request-password-reset'])
    expect((await fetch(`${app.url}/api/auth/${path}`, { headers: ada.headers })).status, path).toBe(404);
});

test('what goes wrong inside is told to the log, and not to whoever asks', async () => {
  await using app = await testApp({ accounts: {} });
  await app.services.db.schema.dropTable('passwordResets').execute();
  const answer = await fetch(`${app.url}/api/password-resets/x`);
  expect([answer.status, await answer.json()]).toEqual([
    500,
    { error: 'internal server error', message: 'Something went wrong in the server; its log says what.' },
  ]);
});

test("whoever forgot their password sets a new one by an owner's link: once, within a day, and is signed out elsewhere", async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const invitation = (await ada.api.members.invite.mutate({ email: 'bob@example.com', role: 'viewer' })).path.replace(
    '/join/',
    '',
  );
  const bob = await testUser(app, { email: 'bob@example.com', name: 'Bob', invitation });
  const { id: userId } = await bob.api.account.me.query();
  await expect(bob.api.members.resetLink.mutate({ userId })).rejects.toThrow('needs the role "owner"');
  const makeLink = async () =>
    (await ada.api.members.resetLink.mutate({ userId })).path.replace('/reset/', '/api/password-resets/');
  const replaced = await makeLink();
  const link = await makeLink();
  expect((await fetch(app.url + replaced)).status).toBe(404);
  expect(await (await fetch(app.url + link)).json()).toEqual({ email: 'bob@example.com' });
  expect((await post(app, link, { password: 'short' })).status).toBe(400);
  const signIn = (given: string) =>
    post(app, '/api/auth/sign-in/email', { email: 'bob@example.com', password: given }).then(({ status }) => status);
  const at = { password: 'another horse battery' };
  const both = await Promise.all([post(app, link, at), post(app, link, at)]);
  expect(both.map(({ status }) => status).sort()).toEqual([204, 404]);
  await expect(bob.api.account.me.query()).rejects.toThrow('Sign in first');
  expect([await signIn(password), await signIn(at.password)]).toEqual([401, 200]);
  const { items } = await ada.api.audit.list.query({});
  expect(items.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['member.reset_link_created', 'account.password_reset']),
  );

  const late = await makeLink();
  await app.services.db
    .updateTable('passwordResets')
    .set({ expiresAt: new Date(Date.now() - 1) })
    .execute();
  expect((await post(app, late, at)).status).toBe(404);

  const ofMember = await makeLink();
  await ada.api.members.remove.mutate({ userId });
  expect((await post(app, ofMember, at)).status).toBe(404);
});

test('a link that resets a password takes over nobody whom its maker could not remove, then or later', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const eve = await inviteAndJoin(app, 'Eve', ada.api.members.invite, 'owner');
  const bob = await inviteAndJoin(app, 'Bob', ada.api.members.invite, 'viewer');
  const [{ id: userId }, { id: adaId }] = [await bob.api.account.me.query(), await ada.api.account.me.query()];
  const linkOf = async (maker: typeof ada) =>
    app.url + (await maker.api.members.resetLink.mutate({ userId })).path.replace('/reset/', '/api/password-resets/');
  const { projectId } = await eve.api.organizations.create.mutate({ name: 'Acme' });
  const acme = inProject(app, eve, projectId).api;

  const beforeBobJoins = await linkOf(ada);
  expect((await fetch(beforeBobJoins)).status).toBe(200);
  await accept(app, bob, await acme.members.inviteToProject.mutate({ email: 'bob@example.com', role: 'owner' }));
  expect((await fetch(beforeBobJoins)).status).toBe(404);
  expect((await post(app, new URL(beforeBobJoins).pathname, { password: 'another horse battery' })).status).toBe(404);
  await expect(linkOf(ada)).rejects.toThrow('you do not own');

  await accept(app, ada, await acme.members.invite.mutate({ email: 'ada@example.com', role: 'owner' }));
  const whileOwner = await linkOf(ada);
  expect((await fetch(whileOwner)).status).toBe(200);
  await acme.members.setRole.mutate({ userId: adaId, role: 'editor' });
  expect((await fetch(whileOwner)).status).toBe(404);
  await bob.api.account.me.query();
});

test('a key opens its project, with its role, until it is revoked; it is shown once and kept as a hash', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { id, key } = await ada.api.keys.create.mutate({ name: 'CI', role: 'editor', expiresInDays: 30 });
  const ci = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  await ci.api.tests.create.mutate({ name: 'By a key', script: 'x' });
  await expect(ci.api.keys.list.query()).rejects.toThrow('needs the role "owner"');
  await expect(ci.api.account.sessions.query()).rejects.toThrow('not for API keys');
  const [listed] = (await ada.api.keys.list.query()).items;
  expect(listed).toMatchObject({ id, name: 'CI', start: key.slice(0, 9), lastUsedAt: expect.any(String) });
  expect(JSON.stringify(await app.services.db.selectFrom('apiKeys').selectAll().execute())).not.toContain(key);

  const expired = await ada.api.keys.create.mutate({ name: 'Old', role: 'owner', expiresInDays: 1 });
  await app.services.db
    .updateTable('apiKeys')
    .set({ expiresAt: new Date(Date.now() - 1) })
    .where('id', '=', expired.id)
    .execute();
  const old = createTestClient({ url: app.url, headers: { authorization: `Bearer ${expired.key}` } });
  await expect(old.api.tests.list.query()).rejects.toThrow('has expired');
  await ada.api.keys.revoke.mutate({ keyId: id });
  await expect(ci.api.tests.list.query()).rejects.toThrow('has been revoked');
});

test('the keys of a member who is removed stay until somebody revokes them, or go with the member', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { projectId: shop } = await ada.api.projects.create.mutate({ name: 'Shop' });
  const join = async (name: string) => {
    const email = `${name}@example.com`;
    const { path } = await ada.api.members.invite.mutate({ email, role: 'owner' });
    const { api } = await testUser(app, { email, name, invitation: path.replace('/join/', '') });
    const { id: userId } = await api.account.me.query();
    return { api, userId };
  };
  const program = (key: string) => createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  const bob = await join('Bob');
  const eve = await join('Eve');
  const kept = await bob.api.keys.create.mutate({ name: 'Of Bob', role: 'editor', expiresInDays: null });
  const gone = await eve.api.keys.create.mutate({ name: 'Of Eve', role: 'editor', expiresInDays: null });
  const own = await ada.api.keys.create.mutate({ name: 'Of Ada', role: 'editor', expiresInDays: null });
  // Another of Eve, in another project of the organisation.
  await app.services.db
    .insertInto('apiKeys')
    .values({
      id: '018f0000-0000-7000-8000-000000000001',
      projectId: shop,
      name: 'In the shop',
      role: 'viewer',
      secretHash: 'x',
      start: 'x',
      createdBy: 'Eve',
      creatorId: eve.userId,
    })
    .execute();
  const counts = (await ada.api.members.list.query()).items.map(({ name, keyCount }) => [name, keyCount]);
  expect(counts).toEqual([
    ['Ada', 1],
    ['Bob', 1],
    ['Eve', 2],
  ]);

  await ada.api.members.remove.mutate({ userId: bob.userId });
  // What she makes meanwhile is refused, or goes with her.
  const meanwhile = { name: 'Meanwhile', role: 'owner', expiresInDays: null } as const;
  await Promise.all([
    ada.api.members.remove.mutate({ userId: eve.userId, revokeKeys: true }),
    ...Array.from({ length: 20 }, () => eve.api.keys.create.mutate(meanwhile).catch(() => {})),
  ]);
  expect((await ada.api.keys.list.query()).items).toMatchObject([
    { id: own.id, createdBy: 'Ada', isOfMember: true },
    { id: kept.id, createdBy: 'Bob', isOfMember: false },
  ]);
  await program(kept.key).api.tests.list.query();
  await expect(program(gone.key).api.tests.list.query()).rejects.toThrow('has been revoked');
  expect(await app.services.db.selectFrom('apiKeys').select('id').where('projectId', '=', shop).execute()).toEqual([]);
  const revoked = await app.services.db
    .selectFrom('auditEvents')
    .select(['projectId', 'targetName', 'actorName'])
    .where('action', '=', 'key.revoked')
    .where('targetName', '!=', meanwhile.name)
    .orderBy('targetName')
    .execute();
  expect(revoked).toEqual([
    { projectId: shop, targetName: 'In the shop', actorName: 'Ada' },
    { projectId: expect.not.stringMatching(shop), targetName: 'Of Eve', actorName: 'Ada' },
  ]);
});

test('streams end within a fallback interval when the right to them is revoked, and are not opened again', async () => {
  await using app = await testApp({ accounts: {}, fallbackIntervalMs: 300 });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const invite = async (email: string) =>
    (await ada.api.members.invite.mutate({ email, role: 'editor' })).path.replace('/join/', '');
  const bob = await testUser(app, {
    email: 'bob@example.com',
    name: 'Bob',
    invitation: await invite('bob@example.com'),
  });
  const { id: keyId, key } = await ada.api.keys.create.mutate({ name: 'CI', role: 'viewer', expiresInDays: null });
  const ci = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  const other = await testUser(app, { email: 'ada@example.com', name: 'Ada', signIn: true });

  const streams = {
    ada: ada.stream((api) => api.activity.onEvents),
    bob: bob.stream((api) => api.activity.onEvents),
    ci: ci.stream((api) => api.activity.onEvents),
    other: other.stream((api) => api.activity.onEvents),
  };
  await Promise.all(Object.values(streams).map(({ started }) => started));
  await ada.api.keys.revoke.mutate({ keyId });
  const session = (await ada.api.account.sessions.query()).items.find(({ isThisOne }) => !isThisOne);
  await ada.api.account.revokeSession.mutate({ sessionId: session!.id });
  const member = (await ada.api.members.list.query()).items.find(({ name }) => name === 'Bob');
  await ada.api.members.remove.mutate({ userId: member!.id });

  await expect(streams.ci.ended).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  await expect(streams.other.ended).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  await expect(streams.bob.ended).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } });
  // Who keeps the right keeps the stream.
  const { id: testId } = await ada.api.tests.create.mutate({ name: 'A test', script: 'x' });
  const { runId } = await ada.api.tests.run.mutate({ testId });
  await eventually(() => expect(streams.ada.data).toContainEqual(expect.objectContaining({ id: runId })));
  expect(ada.streamRequests().count).toBe(1);
  for (const client of [ada, bob, ci, other]) client.closeStreams();
});

test('a stream cannot be asked for in a way in which it would not be counted', async () => {
  await using app = await testApp();
  for (const path of ['/%61pi/trpc/queue.onStats', '/api/trpc/queue%2eonStats', '/api/%74rpc/queue.onStats']) {
    const answer = await fetch(`${app.url}${path}`, { headers: app.headers });
    expect(await answer.text(), path).toContain('one at a time');
  }
});

test('the last owner stays', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { id: userId } = await ada.api.account.me.query();
  await expect(ada.api.members.remove.mutate({ userId })).rejects.toThrow('last owner');
  await expect(ada.api.members.setRole.mutate({ userId, role: 'viewer' })).rejects.toThrow('last owner');
  expect(await ada.api.account.me.query()).toMatchObject({ role: 'owner' });
});

test('a user has a bounded number of streams', async () => {
  await using app = await testApp({ accounts: { streamsPerUser: 2 } });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const [first, second] = [ada.stream((api) => api.activity.onEvents), ada.stream((api) => api.queue.onStats)];
  await Promise.all([first.started, second.started]);
  await eventually(() => expect(app.services.hub.stats().watchers).toBe(2));
  await expect(ada.stream((api) => api.workers.onPresence).ended).rejects.toThrow('STREAMS_PER_USER');
  first.close();
  await eventually(() => expect(app.services.hub.stats().watchers).toBe(1));
  const third = ada.stream((api) => api.workers.onPresence);
  await eventually(() => expect(third.data).toHaveLength(1));
  ada.closeStreams();
});
