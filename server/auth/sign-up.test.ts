import { expect, test } from 'vitest';
import { tryWithLock } from '#server/db/advisory-locks.ts';
import { testApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

test('a sign-up passes while a sweep is under way', async () => {
  await using app = await testApp({ accounts: {} });
  const hasRun = await tryWithLock(app.services.db, 'sweep', async () => {
    const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
    expect(await ada.api.account.me.query()).toMatchObject({ name: 'Ada', role: 'owner' });
  });
  expect(hasRun).toBe(true);
});
