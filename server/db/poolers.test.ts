import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPgBouncer } from '#server/testing/pgbouncer.ts';
import { testApp, testDatabase } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { createDatabase } from './database.ts';
import { checkSessions } from './check-sessions.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database[Symbol.asyncDispose]());

test.each(['transaction', 'statement'] as const)(
  'a pooler in %s mode is refused at the start, and the message says what to set',
  async (mode) => {
    await using pooler = await startPgBouncer(database.connection);
    await expect(testApp({ database: pooler.connection(mode) })).rejects.toThrow(
      /share sessions: a pooler in transaction mode .* DATABASE_URL .* pool_mode = session/,
    );
  },
);

test('a pooler that gives one connection is refused, too', async () => {
  await using small = await startPgBouncer(database.connection, { poolSize: 1 });
  const { pool, destroy } = createDatabase(small.connection('session'), { timeoutMs: 1_000 });
  await expect(checkSessions(pool)).rejects.toThrow(/gives no second connection: .* session mode/);
  await destroy();
});

test('Runlight works behind a pooler in session mode, where Redis is the bus', async () => {
  await using pooler = await startPgBouncer(database.connection);
  await expect(testApp({ database: pooler.connection('session'), backend: 'postgres' })).rejects.toThrow(
    /queue .* needs Redis .* REDIS_URL/,
  );
  await using app = await testApp({ database: pooler.connection('session') });
  const { api, stream } = app.client;
  const { id: testId } = await api.tests.create.mutate({ name: 'Pooled', script: passing });
  const run = await api.tests.run.mutate({ testId });
  const states = stream((client) => client.runs.onStatus, run);
  await states.started;
  await api.runs.cancel.mutate(run);
  await states.ended;
  expect(states.data.at(-1)).toMatchObject({ status: 'cancelled' });
});
