import { expect, test } from 'vitest';
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

test("an owner's link sets a new password once, within a day, and ends all sessions of the user", async () => {
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

test('a reset link is valid only while its maker owns every organisation of the user', async () => {
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
