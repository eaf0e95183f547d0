import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

test('streams end within a fallback interval when their permission is revoked, and are not opened again', async () => {
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
