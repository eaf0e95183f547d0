import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, testDatabase } from '#server/testing/resources.ts';
import { inProject, testUser } from '#server/testing/users.ts';
import { createDatabase } from './database.ts';
import { migrate, migrationNames } from './migrate.ts';

const migrationsDir = path.join(import.meta.dirname, 'migrations');
const id = (end: string) => `019b76da-0000-7000-8000-0000000000${end}`;
const apiKey = 'rl_fixturefixturefixturefixturefixturefixturefi';

/** The statements that fill each table of the schema at `migration`, as the newest version until then wrote its rows. */
async function rowsAt(migration: string): Promise<Map<string, string>> {
  const files = (await readdir(migrationsDir)).filter((file) => file.endsWith('.rows.sql')).toSorted();
  const rows = new Map<string, string>();
  for (const file of files.filter((file) => file <= `${migration}.rows.sql`)) {
    const [, ...sections] = (await readFile(path.join(migrationsDir, file), 'utf8')).split('-- table: ');
    for (const section of sections) {
      const end = section.indexOf('\n');
      rows.set(section.slice(0, end), section.slice(end));
    }
  }
  return rows;
}

/** Has one schema after the other, without rows, so that each migration is applied once before it is the schema of a test. */
let schemas: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => void (schemas = await testDatabase('template0')));
afterAll(() => schemas[Symbol.asyncDispose]());

/** A database as a Runlight with the schema of `migration` had it. */
async function databaseAt(migration: string): Promise<Awaited<ReturnType<typeof testDatabase>>> {
  const { db, destroy } = createDatabase(schemas.connection, { max: 1 });
  try {
    await migrate(db, migration);
  } finally {
    await destroy();
  }
  const database = await testDatabase(schemas.connection.database);
  await fill(database.connection, migration);
  return database;
}

async function fill(connection: pg.PoolConfig, migration: string): Promise<void> {
  const { pool, destroy } = createDatabase(connection, { max: 1 });
  try {
    const rows = await rowsAt(migration);
    await pool.query([...rows.values()].join('\n'));
    const { rows: tables } = await pool.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like 'kysely%'`,
    );
    expect([...rows.keys()].toSorted()).toEqual(tables.map(({ name }) => name).toSorted());
  } finally {
    await destroy();
  }
}

test.each(migrationNames.map((name, index) => ({ name, version: index + 1 })))(
  'a database with the schema of $name is upgraded with all that it holds',
  async ({ name, version }) => {
    await using database = await databaseAt(name);
    await using app = await testApp({ database: database.connection, accounts: {} });
    // Before there were accounts, the first user that signs up becomes the owner.
    const ann = await testUser(app, { email: 'ann@example.com', name: 'Ann', signIn: version >= 5 });
    const { api } = ann;

    const runs = await api.runs.list.query({});
    const run = {
      testId: null,
      jobId: null,
      retryOf: null,
      errorDetails: null,
      failed: 0,
      skipped: 0,
      notRun: 0,
      quarantined: 0,
    };
    const by = (who: string) => (version >= 13 ? who : null);
    expect(runs.items).toMatchObject([
      { ...run, id: id('c6'), testId: id('a2'), status: 'queued', trigger: 'cli', triggeredBy: by('Ann') },
      { ...run, id: id('c5'), testId: id('a1'), status: 'running', trigger: 'api', triggeredBy: by('Pipeline') },
      {
        ...run,
        id: id('c4'),
        testId: id('a2'),
        status: 'cancelled',
        skipped: 1,
        notRun: 1,
        errorDetails: expect.any(String),
      },
      {
        ...run,
        id: id('c3'),
        jobId: id('b1'),
        status: 'timed_out',
        retryOf: id('c2'),
        skipped: 1,
        notRun: 1,
        errorDetails: expect.any(String),
      },
      { ...run, id: id('c2'), jobId: id('b1'), status: 'failed', failed: 1, skipped: 1, errorDetails: 'expected 2' },
      { ...run, id: id('c1'), testId: id('a1'), status: 'passed', duration: 2_000, version: 4, activitySeq: 4 },
    ]);
    expect(await api.runs.byId.query({ runId: id('c1') })).toMatchObject({
      queuedAt: '2026-01-02T08:00:00.000Z',
      completedAt: '2026-01-02T08:00:03.000Z',
      tests: [{ name: 'Sign in', status: 'passed', duration: 1_500, scriptChanged: true }],
      artifacts: [
        { kind: 'report', name: version >= 9 ? 'report' : 'index.html', bytes: 9, position: null },
        { kind: 'screenshot', name: version >= 9 ? 'signed in' : 'sign in.png', bytes: 3, position: 0 },
      ],
    });
    expect(await api.runs.byId.query({ runId: id('c2') })).toMatchObject({
      errorDetails: 'expected 2\nreceived 3',
      tests: [{ status: 'skipped' }, { status: 'failed', error: { message: 'expected 2\nreceived 3', line: 1 } }],
    });
    const log = ann.stream((api) => api.runs.onEvents, { runId: id('c1') });
    await log.ended;
    expect(log.data.map(({ seq, type }) => `${seq} ${type}`)).toEqual(
      ['status', 'status', 'step', 'log', 'step', 'test', 'artifact', 'status'].map((type, n) => `${n + 1} ${type}`),
    );

    const { verdicts } = await api.tests.history.query({ testId: id('a2') });
    expect(verdicts.map(({ runId, status }) => [runId, status])).toEqual([
      [id('c6'), 'queued'],
      [id('c4'), 'cancelled'],
      [id('c2'), 'failed'],
    ]);
    expect((await api.tests.list.query({})).items.map(({ name }) => name)).toEqual(['Pay', 'Sign in']);
    expect(await api.jobs.byId.query({ jobId: id('b1') })).toMatchObject({
      schedule: '0 7 * * 1-5',
      timezone: 'Europe/Berlin',
      tests: [{ name: 'Sign in' }, { name: 'Pay' }],
      lastRun: { id: id('c3') },
      // Earlier versions skipped a start while a run was not over, and recorded no missed start.
      ...(version >= 15
        ? { overlap: 'queue', catchUp: 'none', missedStarts: [{ reason: 'queue_full', runId: id('c2') }] }
        : { overlap: 'skip', catchUp: 'last', missedStarts: [] }),
    });
    // A slow machine takes longer until here than a worker may be silent.
    await app.services.db
      .updateTable('workers')
      .set({ beatAt: sql`now()` })
      .execute();
    const workers = await api.workers.list.query();
    expect(workers.items).toMatchObject(version >= 2 ? [{ id: 'worker-1', runs: [{ runId: id('c5') }] }] : []);
    const { runId } = await api.tests.run.mutate({ testId: id('a1') });
    const { tests } = await api.runs.byId.query({ runId });
    expect(tests).toMatchObject([
      version >= 18
        ? { settings: { device: 'Pixel 5', retries: 1, use: { baseURL: 'https://example.com/' } } }
        : { settings: {} },
    ]);
    expect((await api.snapshots.list.query({ testId: id('a1') })).items).toMatchObject(
      version >= 18 ? [{ path: 'home-chromium-linux.png', bytes: 4, runId: id('c1'), acceptedBy: 'Ann' }] : [],
    );

    if (version >= 24)
      expect((await api.suites.bundles.query({ suiteId: id('e1') })).items).toMatchObject([
        { id: id('f1'), bytes: 2_000, branch: 'main', pushedBy: 'Ann', pushedAt: '2026-01-02T07:30:00.000Z' },
      ]);
    if (version >= 27)
      expect(await api.jobs.byId.query({ jobId: id('b2') })).toMatchObject({
        tests: [],
        suite: { id: id('e1'), isPinned: true, bundle: { id: id('f1') }, shards: 2, options: { grep: '@smoke' } },
      });

    const members = await api.members.list.query();
    if (version < 5) {
      expect(members.items).toMatchObject([{ name: 'Ann', role: 'owner' }]);
      return;
    }
    const ben = version < 12 ? { role: 'editor', projectRole: null } : { role: null, projectRole: 'editor' };
    expect(members.items).toMatchObject([
      { name: 'Ann', role: 'owner', keyCount: version >= 8 ? 1 : 0 },
      { name: 'Ben', ...ben },
    ]);
    expect((await api.members.invitations.query()).items).toMatchObject([
      { email: 'cy@example.com', role: 'viewer', invitedBy: 'Ann', project: version < 12 ? null : 'Default' },
    ]);
    expect((await api.keys.list.query()).items).toMatchObject([
      // The audit log knows who made a key before the key itself did.
      { name: 'Pipeline', role: 'viewer', createdBy: 'Ann', isOfMember: version >= 8 ? true : null },
    ]);
    const pipeline = inProject(app, { headers: { authorization: `Bearer ${apiKey}` } }, app.projectId);
    expect((await pipeline.api.runs.list.query({ status: ['passed'] })).items).toMatchObject([{ id: id('c1') }]);
    expect((await api.account.me.query()).projects).toMatchObject([{ name: 'Default' }, { name: 'Website' }]);
    if (version >= 6) expect((await api.variables.list.query()).items).toMatchObject([{ name: 'API_TOKEN' }]);
    if (version >= 8)
      expect((await api.audit.list.query({ until: '2026-01-03T00:00:00Z' })).items).toMatchObject([
        { action: 'run.started', actorName: 'Ann', targetName: 'Sign in', outcome: 'done' },
        { action: 'session.refused', outcome: 'refused', count: 3 },
        { action: 'key.created', details: { role: 'viewer', expiresAt: null } },
      ]);
  },
);
