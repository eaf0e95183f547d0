import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { testApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { createLocalArtifactStore } from '#server/artifacts/local-store.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { removeOldRuns } from './retention.ts';

test('only runs past their retention are removed, in batches, with logs and files; runs stay while their files cannot be deleted', async () => {
  await using app = await testApp({ queuedCapacity: 500 });
  const { api } = app.client;
  const { db } = app.services;
  const artifactsDir = path.join(app.dataDir, 'artifacts');
  const deps = { db, artifacts: createLocalArtifactStore({ dir: artifactsDir }) };
  const { id: testId } = await api.tests.create.mutate({ name: 'Old', script: passing });
  const started = await Promise.all(Array.from({ length: 130 }, () => api.tests.run.mutate({ testId })));
  const ids = started.map(({ runId }) => runId);
  const [queued, recent, ...old] = ids as [string, string, ...string[]];
  for (const runId of [recent, ...old]) {
    await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a-worker' });
    await commitRun(app.services, runId, { from: ['running'], to: 'passed' });
    await mkdir(path.join(artifactsDir, runId));
    await writeFile(path.join(artifactsDir, runId, 'output.log'), 'text');
  }
  await db.updateTable('runs').set({ retryOf: old[0]! }).where('id', '=', recent).execute();
  await db
    .updateTable('runs')
    .set({ completedAt: sql<string>`now() - interval '31 days'`, queuedAt: sql<string>`now() - interval '31 days'` })
    .where('id', 'in', [...old])
    .execute();
  await db
    .updateTable('runs')
    .set({ completedAt: sql<string>`now() - interval '29 days'` })
    .where('id', '=', recent)
    .execute();

  const { signal } = new AbortController();
  expect(await removeOldRuns(deps, 0, signal)).toBe(0);
  expect(await removeOldRuns(deps, 30, AbortSignal.abort())).toBe(0);
  // Several statements are needed to delete this log.
  await db.updateTable('runs').set({ seq: 35_000 }).where('id', '=', old[5]!).execute();
  await sql`insert into run_events (run_id, seq, type, payload)
    select ${old[5]!}, n, 'log', '{}' from generate_series(100, 35000) as n`.execute(db);
  // The files of the oldest run cannot be deleted: its store is away.
  const isAway = {
    delete: (id: string) => (id === old[0] ? Promise.reject(new Error('away')) : deps.artifacts.delete(id)),
  };
  await expect(removeOldRuns({ ...deps, artifacts: isAway }, 30, signal)).rejects.toThrow('away');
  expect((await readdir(artifactsDir)).sort()).toEqual([old[0], recent].sort());
  expect([await removeOldRuns(deps, 30, signal), await removeOldRuns(deps, 30, signal)]).toEqual([1, 0]);
  expect((await api.runs.list.query({ limit: 200 })).items.map(({ id }) => id).sort()).toEqual([queued, recent].sort());
  expect(await api.runs.byId.query({ runId: recent })).toMatchObject({ status: 'passed', retryOf: null });
  await expect(api.runs.byId.query({ runId: old[0]! })).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  expect(await readdir(artifactsDir)).toEqual([recent]);
  for (const table of ['runEvents', 'runTests'] as const)
    expect(await db.selectFrom(table).select('runId').where('runId', 'in', old).execute()).toEqual([]);
});

test('the sweeper removes runs past their retention', async () => {
  await using app = await testApp({ worker: true });
  const { api, stream } = app.client;
  const { id: testId } = await api.tests.create.mutate({ name: 'Old', script: passing });
  const run = await api.tests.run.mutate({ testId });
  await stream((api) => api.runs.onStatus, run).ended;
  await app.services.db
    .updateTable('runs')
    .set({ completedAt: sql<string>`now() - interval '31 days'` })
    .execute();
  await eventually(async () => expect((await api.runs.list.query()).items).toEqual([]));
  // The folder for unfinished files stays.
  await eventually(async () => expect(await readdir(path.join(app.dataDir, 'artifacts'))).toEqual(['.received']));
});
