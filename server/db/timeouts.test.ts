import { sql } from 'kysely';
import pg from 'pg';
import { expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const testSystem = useTestApp({ env: { DATABASE_TIMEOUT: '1000' } });

const tooLong = {
  message: 'The database takes too long at the moment; try again soon.',
  data: { code: 'SERVICE_UNAVAILABLE' },
};

test('a request that waits for a lock is answered in time, and works once the lock is gone', async () => {
  const { client, database } = testSystem();
  const other = new pg.Client(database);
  await other.connect();
  await other.query('begin');
  await other.query('lock table tests');
  await expect(client.api.tests.list.query()).rejects.toMatchObject(tooLong);
  await other.query('rollback');
  await other.end();
  expect(await client.api.tests.list.query()).toMatchObject({ items: [] });
});

test('a server that does not answer delays a request as long, and the next one has another connection', async () => {
  const { client, services } = testSystem();
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity where datname = current_database() and application_name = 'runlight'`.execute(
    services.db,
  );
  const pids = rows.map(({ pid }) => pid);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await expect(client.api.tests.list.query()).rejects.toMatchObject(tooLong);
    await eventually(async () => expect(await client.api.tests.list.query()).toMatchObject({ items: [] }));
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
});

test('a transaction that is idle for long ends, and does not hold up others any more', async () => {
  const { client, services, projectId } = testSystem();
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Held up', script: passing });
  let release!: () => void;
  const isOver = new Promise<void>((resolve) => (release = resolve));
  const idle = services.db.transaction().execute(async (trx) => {
    await trx.updateTable('projects').set({ name: 'Locked' }).where('id', '=', projectId).execute();
    await isOver;
    await trx.selectFrom('projects').select('id').execute();
  });
  const isEnded = expect(idle).rejects.toThrow(/idle-in-transaction timeout|Connection terminated|connection error/);
  await eventually(() => client.api.tests.run.mutate({ testId }));
  release();
  await isEnded;
});
