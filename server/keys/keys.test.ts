import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { testApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

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

test('the keys of a removed member stay until an owner revokes them, or are revoked with the removal', async () => {
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
