import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { inProject, inviteAndJoin, joinBy, testUser } from '#server/testing/users.ts';

/** Ada owns the organisation, in which there is the project Shop beside the first one. */
async function twoProjects(app: TestSystem) {
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { projectId: shopId } = await ada.api.projects.create.mutate({ name: 'Shop' });
  return { ada, shopId, shop: inProject(app, ada, shopId) };
}

const idOf = async (user: Awaited<ReturnType<typeof testUser>>) => (await user.api.account.me.query()).id;

test('a member invited to one project has a role there, and sees neither other projects nor their members', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, shop, shopId } = await twoProjects(app);
  const invitation = await shop.api.members.inviteToProject.mutate({ email: 'bob@example.com', role: 'editor' });
  const said = await fetch(`${app.url}/api/invitations/${invitation.path.replace('/join/', '')}`);
  expect(await said.json()).toMatchObject({ organization: 'Default', project: 'Shop', role: 'editor' });
  const bob = await joinBy(app, 'Bob', invitation);
  const me = await bob.api.account.me.query();
  expect(me).toMatchObject({ role: 'editor', ownsOrganization: false, project: { id: shopId } });
  expect(me.projects).toMatchObject([{ id: shopId, name: 'Shop', organization: 'Default', role: 'editor' }]);
  await bob.api.tests.create.mutate({ name: 'Pays', script: 'x' });
  await expect(inProject(app, bob, app.projectId).api.tests.list.query()).rejects.toThrow('There is no project');

  await inviteAndJoin(app, 'Carl', ada.api.members.inviteToProject, 'owner');
  await inviteAndJoin(app, 'Dora', ada.api.members.invite, 'viewer');
  expect((await bob.api.members.list.query()).items).toMatchObject([
    { name: 'Ada', role: 'owner', projectRole: null },
    { name: 'Bob', role: null, projectRole: 'editor' },
    { name: 'Dora', role: 'viewer', projectRole: null },
  ]);
  expect((await ada.api.members.list.query()).items).toMatchObject([
    { name: 'Ada', role: 'owner', projectRole: null, elsewhere: [] },
    { name: 'Bob', role: null, projectRole: null, elsewhere: ['Shop'] },
    { name: 'Carl', role: null, projectRole: 'owner', elsewhere: [] },
    { name: 'Dora', role: 'viewer', projectRole: null, elsewhere: [] },
  ]);
});

test('the greater of two roles counts, and an invitation lowers none', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, shop, shopId } = await twoProjects(app);
  const bob = await inviteAndJoin(app, 'Bob', ada.api.members.invite, 'editor');
  const userId = await idOf(bob);
  const rolesOf = async () => (await bob.api.account.me.query()).projects.map(({ name, role }) => [name, role]);
  await shop.api.members.setProjectRole.mutate({ userId, role: 'viewer' });
  expect(await rolesOf()).toEqual([
    ['Default', 'editor'],
    ['Shop', 'editor'],
  ]);
  await shop.api.members.setProjectRole.mutate({ userId, role: 'owner' });
  expect(await rolesOf()).toEqual([
    ['Default', 'editor'],
    ['Shop', 'owner'],
  ]);
  await ada.api.members.setRole.mutate({ userId, role: null });
  expect(await rolesOf()).toEqual([['Shop', 'owner']]);

  const { path } = await ada.api.members.inviteToProject.mutate({ email: 'bob@example.com', role: 'viewer' });
  await ada.api.members.setRole.mutate({ userId, role: 'editor' });
  const accept = path.replace('/join/', '/api/invitations/');
  expect((await fetch(`${app.url}${accept}/accept`, { method: 'POST', headers: bob.headers })).status).toBe(204);
  expect(await rolesOf()).toEqual([
    ['Default', 'editor'],
    ['Shop', 'owner'],
  ]);
  await shop.api.members.removeFromProject.mutate({ userId });
  expect(await rolesOf()).toEqual([
    ['Default', 'editor'],
    ['Shop', 'editor'],
  ]);
  await expect(inProject(app, ada, shopId).api.members.removeFromProject.mutate({ userId })).rejects.toThrow(
    'There is no member',
  );
});

test('the owner of one project manages it, and no other one', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, shop } = await twoProjects(app);
  const bob = await inviteAndJoin(app, 'Bob', shop.api.members.inviteToProject, 'owner');
  const carl = await inviteAndJoin(app, 'Carl', ada.api.members.inviteToProject, 'viewer');
  const own = bob.api;
  await own.projects.rename.mutate({ name: 'Web shop' });
  await own.variables.set.mutate({ name: 'TOKEN', value: 'a value' });
  await own.keys.create.mutate({ name: 'CI', role: 'editor', expiresInDays: null });
  const eve = await inviteAndJoin(app, 'Eve', own.members.inviteToProject, 'viewer');
  const eveId = await idOf(eve);
  await own.members.setProjectRole.mutate({ userId: eveId, role: 'editor' });
  expect(await eve.api.account.me.query()).toMatchObject({ role: 'editor' });

  // Carl is in the other project, and so is not there.
  const userId = await idOf(carl);
  await expect(own.members.setProjectRole.mutate({ userId, role: 'viewer' })).rejects.toThrow('There is no member');
  await expect(own.members.removeFromProject.mutate({ userId })).rejects.toThrow('There is no member');
  for (const refused of [
    () => own.members.setRole.mutate({ userId: eveId, role: 'owner' }),
    () => own.members.remove.mutate({ userId: eveId }),
    () => own.members.invite.mutate({ email: 'fay@example.com', role: 'viewer' }),
    () => own.projects.create.mutate({ name: 'Mine' }),
    () => own.organizations.create.mutate({ name: 'Mine' }),
    () => own.organizations.rename.mutate({ name: 'Mine' }),
  ])
    await expect(refused()).rejects.toThrow('who own all projects of the organisation');

  // To the other project and to all of them, at once; neither makes the other void, and each sees its own.
  const email = 'gus@example.com';
  const { id: ofOther } = await ada.api.members.inviteToProject.mutate({ email, role: 'viewer' });
  const { id: toAll } = await ada.api.members.invite.mutate({ email, role: 'viewer' });
  const { id: ofOwn } = await own.members.inviteToProject.mutate({ email, role: 'editor' });
  expect((await own.members.invitations.query()).items).toMatchObject([{ id: ofOwn, project: 'Web shop' }]);
  expect((await ada.api.members.invitations.query()).items.map(({ id, project }) => [id, project])).toEqual([
    [ofOwn, 'Web shop'],
    [toAll, null],
    [ofOther, 'Default'],
  ]);
  for (const invitationId of [ofOther, toAll])
    await expect(own.members.withdraw.mutate({ invitationId })).rejects.toThrow('There is no invitation');
  await own.members.withdraw.mutate({ invitationId: ofOwn });

  const events = (await own.audit.list.query({ limit: 200 })).items;
  expect(new Set(events.map(({ projectId }) => projectId))).toEqual(
    new Set([(await own.account.me.query()).project.id]),
  );
  expect(events.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['project.renamed', 'invitation.accepted', 'member.project_role_changed']),
  );
  expect(JSON.stringify(events)).not.toContain('Carl');
});

test('removing the last role removes the member: streams end, and keys stay or are revoked', async () => {
  await using app = await testApp({ accounts: {}, fallbackIntervalMs: 300 });
  const { ada, shop, shopId } = await twoProjects(app);
  const bob = await inviteAndJoin(app, 'Bob', shop.api.members.inviteToProject, 'owner');
  const userId = await idOf(bob);
  await ada.api.members.setProjectRole.mutate({ userId, role: 'viewer' });
  const { key } = await inProject(app, bob, shopId).api.keys.create.mutate({
    name: 'CI',
    role: 'viewer',
    expiresInDays: 1,
  });
  const ofBob = { shop: inProject(app, bob, shopId), default: inProject(app, bob, app.projectId) };
  const streams = {
    shop: ofBob.shop.stream((api) => api.activity.onEvents),
    default: ofBob.default.stream((api) => api.activity.onEvents),
    ada: shop.stream((api) => api.activity.onEvents),
  };
  await Promise.all(Object.values(streams).map(({ started }) => started));

  await shop.api.members.removeFromProject.mutate({ userId, revokeKeys: true });
  await expect(streams.shop.ended).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  const program = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  await expect(program.api.tests.list.query()).rejects.toThrow('has been revoked');
  // The other role is still there.
  const { id: testId } = await ada.api.tests.create.mutate({ name: 'Goes on', script: 'x' });
  const { runId } = await ada.api.tests.run.mutate({ testId });
  await eventually(() => expect(streams.default.data).toContainEqual(expect.objectContaining({ id: runId })));
  expect((await shop.api.members.list.query()).items).toMatchObject([
    { name: 'Ada' },
    { name: 'Bob', elsewhere: ['Default'] },
  ]);

  await ada.api.members.removeFromProject.mutate({ userId });
  await expect(streams.default.ended).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } });
  await expect(bob.api.account.me.query()).rejects.toThrow('not a member of any organisation');
  expect((await ada.api.members.list.query()).items).toMatchObject([{ name: 'Ada' }]);
  for (const client of [shop, ofBob.shop, ofBob.default]) client.closeStreams();
});

test('a key made while its maker is removed from the project is refused or revoked', async () => {
  await using app = await testApp({ accounts: {} });
  const { shop, shopId } = await twoProjects(app);
  const bob = await inviteAndJoin(app, 'Bob', shop.api.members.inviteToProject, 'owner');
  const userId = await idOf(bob);
  const { keys } = inProject(app, bob, shopId).api;
  const meanwhile = { name: 'Meanwhile', role: 'owner', expiresInDays: null } as const;
  await keys.create.mutate(meanwhile);
  await Promise.all([
    shop.api.members.removeFromProject.mutate({ userId, revokeKeys: true }),
    ...Array.from({ length: 20 }, () => keys.create.mutate(meanwhile).catch(() => {})),
  ]);
  expect((await shop.api.keys.list.query()).items).toEqual([]);
});

test('a stream also ends when the role in its project changes', async () => {
  await using app = await testApp({ accounts: {}, fallbackIntervalMs: 300 });
  const { shop, shopId } = await twoProjects(app);
  const bob = await inviteAndJoin(app, 'Bob', shop.api.members.inviteToProject, 'owner');
  const userId = await idOf(bob);
  const client = inProject(app, bob, shopId);
  const stream = client.stream((api) => api.activity.onEvents);
  await stream.started;
  await shop.api.members.setProjectRole.mutate({ userId, role: 'viewer' });
  // It is asked for again at once, with the role of now.
  await eventually(() => expect(client.streamRequests().count).toBe(2));
  await expect(client.api.keys.list.query()).rejects.toThrow('yours is "viewer"');
  client.closeStreams();
});

test('a user who leaves an organisation sees nothing of it, and its last owner cannot leave', async () => {
  await using app = await testApp({ accounts: {}, fallbackIntervalMs: 300 });
  const { ada, shop, shopId } = await twoProjects(app);
  const bob = await inviteAndJoin(app, 'Bob', ada.api.members.invite, 'viewer');
  await shop.api.members.setProjectRole.mutate({ userId: await idOf(bob), role: 'editor' });
  const { organizationId } = (await bob.api.account.me.query()).projects[0]!;
  const client = inProject(app, bob, shopId);
  const stream = client.stream((api) => api.activity.onEvents);
  await stream.started;
  await bob.api.members.leave.mutate({ organizationId });
  await expect(bob.api.account.me.query()).rejects.toThrow('not a member of any organisation');
  expect((await shop.api.members.list.query()).items).toMatchObject([{ name: 'Ada' }]);
  await expect(stream.ended).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } });
  client.closeStreams();

  await expect(ada.api.members.leave.mutate({ organizationId })).rejects.toThrow('last owner');
  const { organizationId: acme } = await ada.api.organizations.create.mutate({ name: 'Acme' });
  const eve = await inviteAndJoin(app, 'Eve', ada.api.members.invite, 'owner');
  await expect(eve.api.members.leave.mutate({ organizationId: acme })).rejects.toThrow('There is no member');
  await ada.api.members.leave.mutate({ organizationId });
  expect((await ada.api.account.me.query()).projects).toMatchObject([{ organization: 'Acme' }]);
});

test('every organisation keeps an owner, and every member a role', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, shop } = await twoProjects(app);
  const userId = await idOf(ada);
  await shop.api.members.setProjectRole.mutate({ userId, role: 'owner' });
  await expect(ada.api.members.setRole.mutate({ userId, role: null })).rejects.toThrow('last owner');
  const bob = await inviteAndJoin(app, 'Bob', ada.api.members.invite, 'viewer');
  await expect(ada.api.members.setRole.mutate({ userId: await idOf(bob), role: null })).rejects.toThrow('has no role');
  await expect(shop.api.members.inviteToProject.mutate({ email: 'bob@example.com', role: 'editor' })).rejects.toThrow(
    'is a member already',
  );

  // A role that is given while the last one is removed is not lost, in either order.
  const eve = await inviteAndJoin(app, 'Eve', shop.api.members.inviteToProject, 'viewer');
  const eveId = await idOf(eve);
  for (let round = 0; round < 10; round += 1) {
    const { path } = await ada.api.members.inviteToProject.mutate({ email: 'eve@example.com', role: 'viewer' });
    const accept = `${app.url}${path.replace('/join/', '/api/invitations/')}/accept`;
    const [joined] = await Promise.all([
      fetch(accept, { method: 'POST', headers: eve.headers }),
      shop.api.members.removeFromProject.mutate({ userId: eveId }),
    ]);
    expect(joined.status).toBe(204);
    expect((await eve.api.account.me.query()).projects.map(({ name }) => name)).toEqual(['Default']);
    await shop.api.members.setProjectRole.mutate({ userId: eveId, role: 'viewer' });
    await ada.api.members.removeFromProject.mutate({ userId: eveId });
  }
});

test('an invitation is valid while its inviter could still make it', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, shop } = await twoProjects(app);
  const bob = await inviteAndJoin(app, 'Bob', shop.api.members.inviteToProject, 'owner');
  const userId = await idOf(bob);
  const back = await bob.api.members.inviteToProject.mutate({ email: 'bob2@example.com', role: 'owner' });
  const said = `${app.url}${back.path.replace('/join/', '/api/invitations/')}`;
  expect((await fetch(said)).status).toBe(200);
  await shop.api.members.removeFromProject.mutate({ userId });
  expect((await fetch(said)).status).toBe(404);
  await expect(joinBy(app, 'Bob2', back)).rejects.toThrow('no such invitation');
  expect((await ada.api.members.invitations.query()).items).toEqual([]);
});
