import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, test } from 'vitest';
import { endLostRuns, enqueueForgottenRuns } from '#server/maintenance/sweeper.ts';
import { createTestClient } from '#server/testing/client.ts';
import { databaseUrl } from '#server/testing/database-url.ts';
import { beginWithCases, caseEvent, end, listedCase, report } from '#server/testing/played-cases.ts';
import { queueTest } from '#server/testing/played-worker.ts';
import { startRunlight } from '#server/testing/process.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { startSystemPostgres } from '#server/testing/system-postgres.ts';
import { temporaryDir } from '#server/testing/temporary-dir.ts';
import { readVariables } from '#server/variables/queries.ts';

const shell = promisify(execFile);

/** The lines of docs/operations.md that begin with a command. */
async function documented(command: string): Promise<string> {
  const text = await readFile(path.resolve(import.meta.dirname, '../docs/operations.md'), 'utf8');
  const [, block] = new RegExp(`\n\`\`\`sh\n(${command}.*?)\n\`\`\``, 's').exec(text) ?? [];
  if (block === undefined) throw new Error(`docs/operations.md has no lines that begin with ${command}`);
  return block;
}

const say = (app: TestSystem, runId: string, ...texts: string[]) =>
  report(
    app,
    runId,
    texts.map((text) => ({ type: 'log', stream: 'stdout', text, position: 0, caseIndex: 0, attempt: 0 })),
  );

const logOf = ({ client }: TestSystem, runId: string, lastEventId?: string) =>
  client.stream((api) => api.runs.onEvents, { runId, lastEventId });

test('a backup that is made while runs go on is restored as documented, and everything goes on from it', async () => {
  await using postgres = await startSystemPostgres();
  await using folder = await temporaryDir();
  const at = (dataDir: string, database: string) => ({
    cwd: folder.dir,
    env: {
      PATH: `${postgres.bin}:${process.env.PATH}`,
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl({ ...postgres.connection, database }),
    },
  });
  let started;
  {
    await using app = await testApp({ database: postgres.connection });
    await app.client.api.variables.set.mutate({ name: 'TOKEN', value: 'secret value' });
    const { runId: ended } = await beginWithCases(app, [listedCase('pays')]);
    const artifact = { kind: 'screenshot', bytes: 7, contentType: 'image/png' } as const;
    await mkdir(path.join(app.dataDir, 'artifacts', ended), { recursive: true });
    await writeFile(path.join(app.dataDir, 'artifacts', ended, 'a.png'), 'picture');
    await report(app, ended, [
      caseEvent(0, 'passed'),
      { type: 'artifact', ...artifact, path: `/artifacts/${ended}/a.png`, name: 'a', caseIndex: 0, attempt: 0 },
    ]);
    await end(app, ended);
    const { runId: running } = await beginWithCases(app, [listedCase('pays')]);
    await say(app, running, 'before the backup\n');
    const { runId: queued } = await queueTest(app);
    const log = logOf(app, ended);
    await log.ended;

    await shell('sh', ['-euc', await documented('pg_dump')], at(app.dataDir, postgres.connection.database!));
    const seen = (await app.services.runReads.log(running))!.head;
    await say(app, running, 'lost\n', 'lost, too\n');
    const ahead = (await app.services.runReads.log(running))!.head;
    started = { ended, running, queued, seen, ahead, log: log.data, token: app.token };
  }
  const { ended, running, queued, seen, ahead, log, token } = started;

  const client = new pg.Client(postgres.connection);
  await client.connect();
  await client.query('create database restored');
  await client.end();
  const dataDir = path.join(folder.dir, 'restored');
  await shell('sh', ['-euc', await documented('mkdir -p "\\$DATA_DIR"\ntar')], at(dataDir, 'restored'));

  await using app = await testApp({
    database: { ...postgres.connection, database: 'restored' },
    env: { DATA_DIR: dataDir },
  });
  const { api } = app.client;
  const { services } = app;
  expect(app.token).toBe(token);
  expect(await api.runs.byId.query({ runId: ended })).toMatchObject({ status: 'passed', total: 1, passed: 1 });
  const whole = logOf(app, ended);
  await whole.ended;
  expect(whole.data).toEqual(log);
  const file = await fetch(`${app.url}/artifacts/${ended}/a.png`, { headers: app.headers });
  expect(await file.text()).toBe('picture');
  expect((await readVariables(services, app.projectId)).values).toEqual({ TOKEN: 'secret value' });

  // One has what the backup has, the other what is lost.
  const resumed = logOf(app, running, String(seen));
  const anew = logOf(app, running, String(ahead));
  await say(app, running, 'after the restore\n');
  const { seq } = await services.db
    .selectFrom('runs')
    .select('seq')
    .where('id', '=', running)
    .executeTakeFirstOrThrow();
  expect(seq).toBe(seen + 1);
  await endLostRuns(services, 0);
  await Promise.all([resumed.ended, anew.ended]);
  expect(resumed.data.map((entry) => entry.seq)[0]).toBe(seen + 1);
  expect(anew.data.map((entry) => entry.seq)).toEqual(anew.data.map((_, index) => index + 1));
  expect(anew.data.slice(seen)).toEqual(resumed.data);
  expect(await api.runs.byId.query({ runId: running })).toMatchObject({ status: 'error', errorCode: 'worker_lost' });

  // The Redis of the restored one is empty.
  expect(await services.runQueue.carries(queued)).toBe(false);
  await enqueueForgottenRuns(services, 0);
  expect(await services.runQueue.carries(queued)).toBe(true);
  await queueTest(app);
});

test('with the included PostgreSQL, a copy of DATA_DIR is a backup', async () => {
  await using folder = await temporaryDir();
  const [original, copy] = ['original', 'copy'].map((name) => path.join(folder.dir, name)) as [string, string];
  const api = (at: { url: string; headers: { authorization: string } }) => createTestClient(at).api;
  {
    await using runlight = await startRunlight({ DATA_DIR: original, ROLES: 'api' });
    await api(runlight).tests.create.mutate({ name: 'Kept', script: passing });
    runlight.kill('SIGTERM');
    expect(await runlight.exit).toBe(0);
  }
  await shell('cp', ['-a', original, copy]);
  await using restored = await startRunlight({ DATA_DIR: copy, ROLES: 'api' });
  expect((await api(restored).tests.list.query({})).items).toMatchObject([{ name: 'Kept' }]);
});
