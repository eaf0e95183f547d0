import { expect, test } from 'vitest';
import { startRedis } from '#server/testing/redis.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

async function countKeyRequests(systems: readonly TestSystem[], key: string, times: number) {
  const counts = { allowed: 0, refused: 0 };
  for (let time = 0; time < times; time += 1) {
    const { url } = systems[time % systems.length]!;
    const { status } = await fetch(`${url}/api/trpc/tests.list`, { headers: { authorization: `Bearer ${key}` } });
    expect([200, 429]).toContain(status);
    counts[status === 200 ? 'allowed' : 'refused'] += 1;
  }
  return counts;
}

test('requests of a key and sign-ins are counted over all processes; while Redis is away, each counts those of keys for itself', async () => {
  await using redis = await startRedis();
  await using first = await testApp({ redis: redis.env, accounts: { requestsPerKey: 5 } });
  await using second = await testApp({
    redis: redis.env,
    database: first.database,
    accounts: { requestsPerKey: 5 },
  });
  const ada = await testUser(first, { email: 'ada@example.com', name: 'Ada' });
  const { key } = await ada.api.keys.create.mutate({ name: 'CI', role: 'viewer', expiresInDays: null });
  const both = [first, second];
  expect(await countKeyRequests(both, key, 12)).toEqual({ allowed: 5, refused: 7 });

  const signIn = async ({ url }: TestSystem) => {
    const body = JSON.stringify({ email: 'nobody@example.com', password: 'is not the password' });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}/api/auth/sign-in/email`, { method: 'POST', headers, body })).status;
  };
  const statuses: number[] = [];
  for (let time = 0; time < 14; time += 1) statuses.push(await signIn(both[time % 2]!));
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);

  // A server that hangs, then one that is gone.
  process.kill(redis.pid, 'SIGSTOP');
  expect(await countKeyRequests(both, key, 4)).toEqual({ allowed: 4, refused: 0 });
  await redis.stop();
  expect(await countKeyRequests(both, key, 20)).toEqual({ allowed: 6, refused: 14 });
});
