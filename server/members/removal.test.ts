import { expect, test } from 'vitest';
import { testApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

test('the last owner cannot be removed or lose the role', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { id: userId } = await ada.api.account.me.query();
  await expect(ada.api.members.remove.mutate({ userId })).rejects.toThrow('last owner');
  await expect(ada.api.members.setRole.mutate({ userId, role: 'viewer' })).rejects.toThrow('last owner');
  expect(await ada.api.account.me.query()).toMatchObject({ role: 'owner' });
});
