import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { createOidcFixture, oidcAccounts, redirectUri } from '#server/testing/oidc-fixture.ts';
import { startOidcProvider, type TestOidcProvider } from '#server/testing/oidc-provider.ts';
import { inProject, testUser } from '#server/testing/users.ts';

let provider: TestOidcProvider;
beforeAll(async () => {
  provider = await startOidcProvider([redirectUri], {});
});
afterAll(() => provider[Symbol.asyncDispose]());
beforeEach(() => {
  provider.intercept = undefined;
  provider.accounts = oidcAccounts();
});

const { oidcApp, signIn } = createOidcFixture(() => provider);

const invite = async (owner: Pick<Awaited<ReturnType<typeof testUser>>, 'api'>, email: string) =>
  (await owner.api.members.invite.mutate({ email, role: 'editor' })).path.replace('/join/', '');

test('the first user is the owner, and is the same user at the next sign-in', async () => {
  await using app = await oidcApp();
  const { response, client } = await signIn(app, 'ada', { to: '/runs?q=a&kind=job' });
  expect(response.status).toBe(200);
  expect(response.headers.getSetCookie().join('\n')).toMatch(/session_token=.*SameSite=Strict/i);
  expect(await response.text()).toContain('content="0; url=/runs?q=a&#38;kind=job"');
  const me = await client!.api.account.me.query();
  expect(me).toMatchObject({ kind: 'user', name: 'Ada Lovelace', role: 'owner' });
  // A changed name and address at the provider do not make another user.
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
  const eventsOf = async ({ api }: typeof bob) =>
    (await api.audit.list.query({ actor })).items.map(({ action, details }) => [action, details.role]).sort();
  expect(await eventsOf(ada)).toEqual([
    ['account.created', undefined],
    ['invitation.accepted', 'viewer'],
    ['session.started', undefined],
  ]);
  expect(await eventsOf(acme)).toEqual([
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

test('linking an account without a verified address deletes its password and sessions', async () => {
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
  // Once the former holder of the address is removed, another person can be invited at it, and the former holder stays out.
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
