import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { inProject, inviteAndJoin, joinBy, testUser } from '#server/testing/users.ts';

/** Ada owns the default organisation. Ada and Eve own Acme. */
async function twoOrganizations(app: TestSystem) {
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { organizationId, projectId } = await ada.api.organizations.create.mutate({ name: 'Acme', project: 'Shop' });
  const acme = inProject(app, ada, projectId);
  const eve = await inviteAndJoin(app, 'Eve', acme.api.members.invite, 'owner');
  return { ada, acme, eve, organizationId, projectId };
}

const organizationOf = async (app: TestSystem, projectId: string) =>
  (
    await app.services.db
      .selectFrom('projects')
      .select('organizationId')
      .where('id', '=', projectId)
      .executeTakeFirstOrThrow()
  ).organizationId;

test('a user who creates an organisation owns it, and members of another one see and change nothing in it', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, acme, eve, organizationId, projectId } = await twoOrganizations(app);
  expect(await acme.api.account.me.query()).toMatchObject({ role: 'owner', project: { name: 'Shop' } });
  await ada.api.tests.create.mutate({ name: 'Of the first', script: 'x' });
  await ada.api.members.invite.mutate({ email: 'bob@example.com', role: 'viewer' });

  const { projects } = await eve.api.account.me.query();
  expect(projects).toMatchObject([
    { id: projectId, name: 'Shop', organizationId, organization: 'Acme', role: 'owner' },
  ]);
  const seen = await Promise.all([
    eve.api.tests.list.query(),
    eve.api.members.invitations.query(),
    eve.api.members.list.query(),
    eve.api.keys.list.query(),
    eve.api.audit.list.query({ limit: 200 }),
  ]);
  for (const hidden of ['Of the first', 'bob@example.com', app.projectId])
    expect(JSON.stringify(seen)).not.toContain(hidden);
  const there = inProject(app, eve, app.projectId);
  await expect(there.api.organizations.rename.mutate({ name: 'Mine' })).rejects.toThrow('There is no project');
  await eve.api.organizations.rename.mutate({ name: 'Acme Ltd' });
  expect((await ada.api.account.me.query()).projects.map(({ organization }) => organization)).toEqual([
    'Acme Ltd',
    'Default',
  ]);
  const { projectId: named } = await eve.api.organizations.create.mutate({ name: 'Beta' });
  expect((await inProject(app, eve, named).api.account.me.query()).project.name).toBe('Beta');
  await expect(inProject(app, ada, named).api.tests.list.query()).rejects.toThrow('There is no project');
});

test('account events of a user are listed in every organisation of the user', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, acme } = await twoOrganizations(app);
  await testUser(app, { email: 'ada@example.com', name: 'Ada', signIn: true });
  const session = (await ada.api.account.sessions.query()).items.find(({ isThisOne }) => !isThisOne)!;
  await ada.api.account.revokeSession.mutate({ sessionId: session.id });
  for (const { api } of [ada, acme]) {
    const { items } = await api.audit.list.query({ actor: (await ada.api.account.me.query()).id, limit: 2 });
    expect(items.map(({ action, actorName }) => [action, actorName])).toEqual([
      ['session.revoked', 'Ada'],
      ['session.started', 'Ada'],
    ]);
  }
});

test('a project moves with its keys; users outside the other organisation lose their role in it', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, acme, eve, organizationId, projectId: shopId } = await twoOrganizations(app);
  const { projectId } = await ada.api.projects.create.mutate({ name: 'Moves' });
  const moving = inProject(app, ada, projectId);
  const join = async (name: string) =>
    joinBy(
      app,
      name,
      await moving.api.members.inviteToProject.mutate({ email: `${name.toLowerCase()}@example.com`, role: 'editor' }),
    );
  const [bob, carl] = [await join('Bob'), await join('Carl')];
  const { id: bobId } = await bob.api.account.me.query();
  const { path } = await acme.api.members.inviteToProject.mutate({ email: 'bob@example.com', role: 'viewer' });
  const accept = `${app.url}${path.replace('/join/', '/api/invitations/')}/accept`;
  expect((await fetch(accept, { method: 'POST', headers: bob.headers })).status).toBe(204);
  const open = await moving.api.members.inviteToProject.mutate({ email: 'dora@example.com', role: 'editor' });
  const { key } = await moving.api.keys.create.mutate({ name: 'CI', role: 'editor', expiresInDays: null });

  await expect(
    eve.api.projects.move.mutate({ organizationId: await organizationOf(app, app.projectId) }),
  ).rejects.toThrow('There is no organisation');
  await expect(
    acme.api.projects.move.mutate({ organizationId: await organizationOf(app, app.projectId) }),
  ).rejects.toThrow('the only project of Acme');
  await moving.api.projects.move.mutate({ organizationId });
  expect((await eve.api.account.me.query()).projects.map(({ name }) => name)).toEqual(['Moves', 'Shop']);
  expect((await bob.api.account.me.query()).projects).toMatchObject([
    { id: projectId, organization: 'Acme', role: 'editor' },
    { id: shopId, organization: 'Acme', role: 'viewer' },
  ]);
  await expect(carl.api.account.me.query()).rejects.toThrow('not a member of any organisation');
  expect((await ada.api.members.list.query()).items).toMatchObject([{ name: 'Ada' }]);
  expect((await fetch(`${app.url}/api/invitations/${open.path.replace('/join/', '')}`)).status).toBe(404);
  const program = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  await program.api.tests.create.mutate({ name: 'By the key', script: 'x' });
  for (const { api } of [ada, acme])
    expect((await api.audit.list.query({ action: ['project.moved'] })).items).toMatchObject([
      { targetName: 'Moves', details: { changes: { organization: { from: 'Default', to: 'Acme' } } } },
    ]);

  // Eve removes Ada, who thereby has nothing there any more, and Bob's roles are Acme's.
  await eve.api.members.remove.mutate({ userId: (await ada.api.account.me.query()).id });
  expect((await ada.api.account.me.query()).projects.map(({ name }) => name)).toEqual(['Default']);
  await eve.api.members.remove.mutate({ userId: bobId });
  await expect(bob.api.account.me.query()).rejects.toThrow('not a member of any organisation');
});

test('a change of a project that is moving happens before or after the move, or is refused', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, acme, organizationId } = await twoOrganizations(app);
  const home = await organizationOf(app, app.projectId);
  const email = 'bob@example.com';
  const bob = await joinBy(app, 'Bob', await ada.api.members.inviteToProject.mutate({ email, role: 'viewer' }));
  const { id: userId } = await bob.api.account.me.query();
  const accept = async ({ path }: { path: string }) => {
    const url = `${app.url}${path.replace('/join/', '/api/invitations/')}/accept`;
    const { status } = await fetch(url, { method: 'POST', headers: bob.headers });
    if (status !== 204) throw Object.assign(new Error(), { data: { code: String(status) } });
  };
  await accept(await acme.api.members.inviteToProject.mutate({ email, role: 'viewer' }));
  const { projectId } = await ada.api.projects.create.mutate({ name: 'Moves' });
  const { members, keys, projects } = inProject(app, ada, projectId).api;
  const seen = new Set<string>();
  for (let round = 0; round < 20; round += 1) {
    const to = round % 2 === 0 ? organizationId : home;
    await members.removeFromProject.mutate({ userId }).catch(() => {});
    const invitation = await members.inviteToProject.mutate({ email, role: 'viewer' });
    const calls = [
      projects.move.mutate({ organizationId: to }),
      accept(invitation),
      members.setProjectRole.mutate({ userId, role: 'editor' }),
      members.inviteToProject.mutate({ email: `other-${round}@example.com`, role: 'viewer' }),
      members.removeFromProject.mutate({ userId }),
      keys.create.mutate({ name: `Key ${round}`, role: 'viewer', expiresInDays: 1 }),
    ];
    const [moved, ...others] = await Promise.all(
      calls.map((call) =>
        call.then(
          () => 'OK',
          (error: { data?: { code: string } }) => error.data?.code ?? String(error),
        ),
      ),
    );
    expect(moved).toBe('OK');
    expect(await organizationOf(app, projectId)).toBe(to);
    for (const outcome of others) seen.add(outcome);
  }
  expect([...seen].filter((outcome) => !['OK', 'NOT_FOUND', '404', 'CONFLICT'].includes(outcome))).toEqual([]);
  const { db } = app.services;
  // Every member has a role.
  const roleless = await db
    .selectFrom('members')
    .select('userId')
    .where('role', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('projectMembers')
            .select('projectId')
            .whereRef('projectMembers.userId', '=', 'members.userId')
            .whereRef('projectMembers.organizationId', '=', 'members.organizationId'),
        ),
      ),
    )
    .execute();
  expect(roleless).toEqual([]);
});

test('when the last two projects move at once, one stays', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, acme, eve, organizationId } = await twoOrganizations(app);
  const { projectId: second } = await acme.api.projects.create.mutate({ name: 'Second' });
  const { organizationId: to } = await eve.api.organizations.create.mutate({ name: 'Beta' });
  const home = await organizationOf(app, app.projectId);
  const moves = await Promise.allSettled([
    acme.api.projects.move.mutate({ organizationId: home }),
    inProject(app, eve, second).api.projects.move.mutate({ organizationId: to }),
  ]);
  expect(moves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const left = await app.services.db
    .selectFrom('projects')
    .select('id')
    .where('organizationId', '=', organizationId)
    .execute();
  expect(left).toHaveLength(1);
  await ada.api.tests.list.query();
});
