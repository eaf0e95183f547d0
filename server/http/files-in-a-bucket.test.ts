import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { S3Settings } from '#server/config/s3-settings.ts';
import { openArtifactStore } from '#server/artifacts/open-artifact-store.ts';
import { s3Settings } from '#server/config/env.ts';
import { removeOldRuns } from '#server/maintenance/retention.ts';
import { eventually } from '#server/testing/eventually.ts';
import { script } from '#server/testing/execute-scripts.ts';
import { startObjectStorage, storageCredentials, type TestObjectStorage } from '#server/testing/object-storage.ts';
import { caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { testApp, type TestSystem, testWorker } from '#server/testing/resources.ts';
import { type RestartingProxy, startRestartingProxy } from '#server/testing/restarting-proxy.ts';

let storage: TestObjectStorage;
let proxy: RestartingProxy;
let settings: S3Settings;
let app: TestSystem;
beforeAll(async () => {
  for (const [name, value] of Object.entries(storageCredentials)) vi.stubEnv(name, value);
  storage = await startObjectStorage();
  proxy = await startRestartingProxy(storage.url);
  settings = { ...(await storage.bucket('files')), endpoint: proxy.url, signedUrlSeconds: 60 };
  app = await testApp({ s3: settings });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  proxy[Symbol.dispose]();
  vi.unstubAllEnvs();
  await storage[Symbol.asyncDispose]();
});

/** Requests a file like a browser that shows it in a page; `fetch` requests it like a script. */
async function show(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { ...app.headers, 'sec-fetch-mode': 'no-cors' };
    request(url, { headers }).on('response', resolve).on('error', reject).end();
  });
}

type Reporter = Awaited<ReturnType<typeof playReporter>>;
const send = (to: TestSystem, { runId, part, session }: Reporter, file: string, body: BodyInit) =>
  fetch(`${to.url}/api/reports/${runId}/${part}/files/${file}`, {
    method: 'PUT',
    headers: { ...to.headers, 'x-runlight-session': session },
    body,
  });
const readiness = async () => (await fetch(`${app.url}/readyz`)).json();

test('a worker that shares no folder with the API stores a run where readers find it, until it is removed', async () => {
  const { api, stream } = app.client;
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-worker-'));
  await using _worker = await testWorker({ ...app, env: { ...app.env, DATA_DIR: dataDir } });
  const attaches = script(`
    test('attaches', async () => {
      await test.info().attach('note', { body: 'a note' });
      await test.info().attach('page', { body: '<script>steal()</script>', contentType: 'text/html' });
    });`);
  const { id: testId } = await api.tests.create.mutate({ name: 'Attaches', script: attaches });
  const { runId } = await api.tests.run.mutate({ testId });
  const states = stream((api) => api.tests.onStatus, { testId, runId });
  await states.ended;
  const run = await api.runs.byId.query({ runId });
  expect(run.reportPath).toBe(`/artifacts/${runId}/report/index.html`);
  expect(states.data.at(-1)).toMatchObject({
    status: 'passed',
    reportPath: run.reportPath,
    s3Url: `${proxy.url}/files/team/${runId}/report/index.html`,
  });
  for (const dir of [dataDir, app.dataDir]) expect(existsSync(path.join(dir, 'artifacts'))).toBe(false);

  const report = await fetch(app.url + run.reportPath, { headers: app.headers });
  expect([report.status, report.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(report.headers.get('content-security-policy')).toMatch(/^sandbox allow-scripts/);
  const at = (name: string) => app.url + run.artifacts.find((it) => it.name === name)!.path;
  const note = await fetch(at('note'), { headers: { ...app.headers, range: 'bytes=2-3' } });
  expect([note.status, note.headers.get('content-range'), await note.text()]).toEqual([206, 'bytes 2-3/6', 'no']);
  const head = await fetch(at('note'), { headers: app.headers, method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '6']);
  const page = await fetch(at('page'), { headers: app.headers });
  expect([page.status, page.headers.get('content-disposition')]).toEqual([200, 'attachment']);
  expect(page.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);

  // Browsers may load files without scripts from the bucket itself.
  expect((await show(app.url + run.reportPath)).statusCode).toBe(200);
  const { statusCode, headers } = await show(at('page'));
  expect([statusCode, headers['cache-control']]).toEqual([302, 'no-store']);
  const inBucket = await fetch(headers.location!);
  expect([await inBucket.text(), inBucket.headers.get('content-disposition')]).toEqual([
    '<script>steal()</script>',
    'attachment',
  ]);
  expect((await show(`${at('page')}.none`)).statusCode).toBe(404);
  const client = await fetch(`${app.url}/`, { headers: { ...app.headers, accept: 'text/html' } });
  expect(client.headers.get('content-security-policy')).toContain(`img-src 'self' data: ${proxy.url};`);

  const { db } = app.services;
  await db
    .updateTable('runs')
    .set({ completedAt: sql<string>`now() - interval '31 days'` })
    .execute();
  using artifacts = await openArtifactStore({ dir: app.dataDir, s3: s3Settings(app.env) }, app.services.logger);
  expect(await removeOldRuns({ db, artifacts }, 30, new AbortController().signal)).toBe(1);
  for await (const file of artifacts.files(runId)) expect.fail(`${file.path} is still there`);
  await rm(dataDir, { recursive: true });
});

test('a report goes on while the bucket is away, and the file that was on its way arrives', async () => {
  const reporter = await playReporter(app.client);
  const entry = { type: 'artifact', kind: 'log', contentType: 'text/plain', caseIndex: 0, attempt: 0 } as const;
  expect((await send(app, reporter, 'before.txt', 'sent before')).status).toBe(200);
  expect(await readiness()).toMatchObject({ status: 'ok', checks: { artifacts: 'ok' } });
  proxy.restart(Infinity);
  const asked = proxy.requests.length;
  const sending = send(app, reporter, 'during.txt', 'sent meanwhile');
  await eventually(() =>
    expect(proxy.requests.slice(asked)).toContain(`PUT /files/team/${reporter.runId}/part-0/during.txt`),
  );
  await reporter.report(casesEntry('pays'), caseEntry(0, 'running'), { ...entry, name: 'before', file: 'before.txt' });
  const { runId } = reporter;
  expect((await app.client.api.runs.case.query({ runId, index: 0 })).artifacts).toMatchObject([
    { name: 'before', bytes: 11 },
  ]);
  expect(await readiness()).toMatchObject({ status: 'degraded', checks: { postgres: 'ok', artifacts: /^.*"files"/ } });
  proxy.restart(0);
  expect((await sending).status).toBe(200);
  await reporter.report({ ...entry, name: 'during', file: 'during.txt' });
  const { artifacts } = await app.client.api.runs.case.query({ runId, index: 0 });
  const during = await fetch(app.url + artifacts.find(({ name }) => name === 'during')!.path, { headers: app.headers });
  expect(await during.text()).toBe('sent meanwhile');
});

test('the reporter gets an error when the bucket is full, and the file does not count', async () => {
  await using other = await testApp({ s3: { ...settings, bucket: 'full' } });
  const reporter = await playReporter(other.client);
  const answer = await send(other, reporter, 'large.bin', Buffer.alloc(2_000_000) as unknown as BodyInit);
  expect([answer.status, await answer.text()]).toEqual([507, expect.stringContaining('\\"full\\" is full')]);
  expect(await other.services.db.selectFrom('runFiles').selectAll().execute()).toEqual([]);
  const { files, fileBytes } = await other.services.db
    .selectFrom('runParts')
    .select(['files', 'fileBytes'])
    .executeTakeFirstOrThrow();
  expect([files, fileBytes]).toEqual([0, 0]);
});
