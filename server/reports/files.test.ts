import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { testApp, type TestSystem, useTestApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

const app = useTestApp({ limits: { fileBytes: 4_000_000 } });

type Reporter = Awaited<ReturnType<typeof playReporter>>;

function send(
  { url, headers }: Pick<TestSystem, 'url' | 'headers'>,
  { runId, part, session }: Pick<Reporter, 'runId' | 'part' | 'session'>,
  file: string,
  body: BodyInit | Readable,
) {
  return fetch(`${url}/api/reports/${runId}/${part}/files/${file}`, {
    method: 'PUT',
    headers: { ...headers, 'x-runlight-session': session, 'content-type': 'image/png' },
    body: body as BodyInit,
    duplex: 'half',
  } as RequestInit);
}

const artifacts = (...inside: string[]) => path.join(app().dataDir, 'artifacts', ...inside);
const nothingLeft = async () => expect(await readdir(artifacts('.received'))).toEqual([]);

test('a file is stored, is seen once an entry names it, and is served', async () => {
  const reporter = await playReporter(app().client);
  const { runId } = reporter;
  await reporter.report(casesEntry('pays'), caseEntry(0, 'running'));
  const picture = randomBytes(300_000);
  const file = 'attachments/größe 1/näch#ste?.png';
  const answer = await send(app(), reporter, file.split('/').map(encodeURIComponent).join('/'), picture);
  expect([answer.status, await answer.json()]).toEqual([200, { bytes: 300_000 }]);
  expect((await app().client.api.runs.byId.query({ runId })).artifacts).toEqual([]);
  const entry = { type: 'artifact', kind: 'screenshot', name: 'screenshot', contentType: 'image/png' } as const;
  await reporter.report(
    { ...entry, file, caseIndex: 0, attempt: 0 },
    { ...entry, file: 'never/sent.png', caseIndex: 0, attempt: 0 },
    { ...entry, file: '../../secret', caseIndex: 0, attempt: 0 },
  );
  const [artifact, ...others] = (await app().client.api.runs.case.query({ runId, index: 0 })).artifacts;
  expect([artifact, others]).toMatchObject([{ name: 'screenshot', bytes: 300_000, kind: 'screenshot' }, []]);
  const served = await fetch(app().url + artifact!.path, { headers: app().headers });
  expect([served.status, served.headers.get('content-length')]).toEqual([200, '300000']);
  expect(Buffer.from(await served.arrayBuffer()).equals(picture)).toBe(true);
  expect(served.headers.get('content-security-policy')).toContain('sandbox');
  await nothingLeft();
});

test('what failed comparisons took is one archive of new baselines, and the commands that take them', async () => {
  const reporter = await playReporter(app().client);
  const { runId } = reporter;
  const { api } = app().client;
  const archive = () => fetch(`${app().url}/artifacts/${runId}/new-baselines.tar.gz`, { headers: app().headers });
  await reporter.report(casesEntry('home', 'cart', 'flaky'));
  expect([(await archive()).status, await api.snapshots.ofRun.query({ runId })]).toEqual([
    404,
    { items: [], commands: [] },
  ]);
  const taken = [
    { caseIndex: 0, attempt: 0, path: 'shop/home.png', role: 'actual', text: 'the first attempt' },
    { caseIndex: 0, attempt: 1, path: 'shop/home.png', role: 'expected', text: 'before' },
    { caseIndex: 0, attempt: 1, path: 'shop/home.png', role: 'actual', text: 'home' },
    { caseIndex: 1, attempt: 0, path: 'shop/größe/cart.txt', role: 'actual', text: 'cart' },
    { caseIndex: 2, attempt: 0, path: 'shop/flaky.png', role: 'actual', text: 'flaky' },
  ] as const;
  for (const [index, { text: content, path: baseline, role, ...place }] of taken.entries()) {
    const file = `attachments/${index}.png`;
    await send(app(), reporter, file, content);
    const what = { kind: 'screenshot', name: role, contentType: 'image/png' } as const;
    await reporter.report({ type: 'artifact', file, ...what, ...place, snapshot: { path: baseline, role } });
  }
  await reporter.report(
    caseEntry(0, 'failed', { attempt: 1 }),
    caseEntry(1, 'failed'),
    caseEntry(2, 'passed', { attempt: 1, flaky: true }),
  );
  const [artifact] = (await api.runs.case.query({ runId, index: 0 })).artifacts;
  expect(artifact).toMatchObject({ snapshot: { path: 'shop/home.png', role: 'actual' } });
  expect(await api.snapshots.ofRun.query({ runId })).toEqual({
    items: [
      { path: 'shop/größe/cart.txt', artifactPath: expect.stringContaining('/3.png') },
      { path: 'shop/home.png', artifactPath: expect.stringContaining('/2.png') },
    ],
    commands: ['npx playwright test shop/pay.spec.ts:4 shop/pay.spec.ts:3 --project=chromium --update-snapshots'],
  });
  const answer = await archive();
  const files: Record<string, string> = {};
  for await (const entry of Readable.fromWeb(answer.body as never)
    .pipe(createGunzip())
    .pipe(extract()))
    files[entry.header.name] = await text(entry);
  expect(files).toEqual({ 'shop/größe/cart.txt': 'cart', 'shop/home.png': 'home' });
  expect((await fetch(answer.url)).status).toBe(401);
});

test('the HTML report of each part is sent as files and named at its end', async () => {
  const first = await playReporter(app().client, { shard: { current: 1, total: 2 } });
  const second = await playReporter(app().client, { build: first.input.build, shard: { current: 2, total: 2 } });
  const { runId } = first;
  const status = app().client.stream((api) => api.runs.onStatus, { runId });
  for (const [reporter, text] of [
    [first, 'one'],
    [second, 'two'],
  ] as const) {
    await send(app(), reporter, 'notes.txt', text);
    const { part: of } = reporter;
    await reporter.report({
      type: 'artifact',
      file: 'notes.txt',
      kind: 'log',
      name: `${of}`,
      contentType: 'text/plain',
    });
    await send(app(), reporter, 'report/index.html', `<h1>${text}</h1>`);
    const { part, session } = reporter;
    const end = { after: 1, status: 'passed', undelivered: null, report: 'report/index.html' } as const;
    await app().client.api.reports.finish.mutate({ runId, part, session, ...end });
  }
  const run = await app().client.api.runs.byId.query({ runId });
  expect(run.reportPath).toBe(`/artifacts/${runId}/part-0/report/index.html`);
  const reports = run.artifacts.filter(({ kind }) => kind === 'report');
  expect(reports.map(({ name }) => name)).toEqual(['Report', 'Report of part 2']);
  await status.ended;
  // Those who follow the state alone find the report, too.
  const files = ['report/index.html', 'notes.txt'].flatMap((file) => [0, 1].map((part) => `part-${part}/${file}`));
  expect(status.data.at(-1)).toMatchObject({ artifactPaths: files.map((file) => `/artifacts/${runId}/${file}`) });
  const served = await fetch(app().url + reports[1]!.path, { headers: app().headers });
  expect([await served.text(), served.headers.get('content-security-policy')]).toEqual([
    '<h1>two</h1>',
    expect.stringContaining('allow-scripts'),
  ]);
});

test('the same file again takes no more room, and another one replaces it', async () => {
  const reporter = await playReporter(app().client);
  for (const body of ['first', 'first', 'second one'])
    expect((await send(app(), reporter, 'a.txt', body)).status).toBe(200);
  const atOnce = await Promise.all(Array.from({ length: 8 }, () => send(app(), reporter, 'b.txt', 'at once')));
  expect(atOnce.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  expect(await readFile(artifacts(reporter.runId, 'part-0', 'a.txt'), 'utf8')).toBe('second one');
  const used = await app()
    .services.db.selectFrom('runParts')
    .select(['files', 'fileBytes'])
    .where('runId', '=', reporter.runId)
    .execute();
  expect(used).toEqual([{ files: 2, fileBytes: 17 }]);
});

test.each([
  ['..%2f..%2fsecret', 'path'],
  ['a/%2e%2e/%2e%2e/%2e%2e/secret', 'path'],
  ['%2fetc%2fpasswd', 'path'],
  ['a%00b', 'path'],
  ['a%5c..%5cb', 'path'],
  ['a//b', 'path'],
  ['x'.repeat(300), 'path'],
  [Array.from({ length: 30 }, () => 'a').join('/'), 'path'],
])('a file called %s is refused', async (file) => {
  const reporter = await playReporter(app().client);
  // `fetch` would resolve dots.
  const status = await new Promise((resolve, reject) =>
    request(`${app().url}/`, {
      method: 'PUT',
      path: `/api/reports/${reporter.runId}/0/files/${file}`,
      headers: { ...app().headers, 'x-runlight-session': reporter.session, 'content-length': 1 },
    })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end('x'),
  );
  expect(status).toBe(400);
});

test('a name that a folder has is refused, and so is a folder in a file', async () => {
  const reporter = await playReporter(app().client);
  expect((await send(app(), reporter, 'a/b.txt', 'x')).status).toBe(200);
  for (const file of ['a', 'a/b.txt/c.txt']) {
    const answer = await send(app(), reporter, file, 'x');
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('is there')]);
  }
  await nothingLeft();
});

test('limits of a file and of a run are named, whether or not the size is said before', async () => {
  const reporter = await playReporter(app().client);
  const large = () => Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(100_000)));
  for (const body of [Buffer.alloc(5_000_000), large()]) {
    const answer = await send(app(), reporter, 'large.bin', body);
    expect([answer.status, await answer.text()]).toEqual([413, expect.stringContaining('RUN_MAX_FILE_MB')]);
  }
  await app()
    .services.db.updateTable('runParts')
    .set({ fileBytes: 499_000_000 })
    .where('runId', '=', reporter.runId)
    .execute();
  const answer = await send(app(), reporter, 'last.bin', Buffer.alloc(2_000_000));
  expect([answer.status, await answer.text()]).toEqual([413, expect.stringContaining('RUN_MAX_ARTIFACTS_MB')]);
  // There is room for each of these, and not for both.
  const bodies = [new PassThrough(), new PassThrough()];
  const sending = bodies.map((body, index) => send(app(), reporter, `${index}.bin`, body));
  for (const body of bodies) body.write(Buffer.alloc(700_000));
  await eventually(async () => expect(await readdir(artifacts('.received'))).toHaveLength(2));
  for (const body of bodies) body.end();
  expect((await Promise.all(sending)).map(({ status }) => status).sort()).toEqual([200, 413]);
  await nothingLeft();
});

test('a connection that breaks leaves nothing behind', async () => {
  const reporter = await playReporter(app().client);
  const sending = request(`${app().url}/api/reports/${reporter.runId}/0/files/cut.bin`, {
    method: 'PUT',
    headers: { ...app().headers, 'x-runlight-session': reporter.session, 'content-length': 1_000_000 },
  }).on('error', () => {});
  sending.write(Buffer.alloc(200_000));
  await eventually(async () => expect(await readdir(artifacts('.received'))).toHaveLength(1));
  sending.destroy();
  await eventually(nothingLeft);
  expect((await send(app(), reporter, 'cut.bin', 'whole')).status).toBe(200);
});

test('only the reporter of a part sends its files, while the part goes on', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const keyOf = async (role: 'reporter' | 'viewer', headers: Record<string, string> = {}) => {
    const answer = await fetch(`${app.url}/api/trpc/keys.create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...ada.headers, ...headers },
      body: JSON.stringify({ name: role, role, expiresInDays: 1 }),
    });
    const { result } = (await answer.json()) as { result: { data: { key: string } } };
    return { authorization: `Bearer ${result.data.key}` };
  };
  const reporter = await playReporter(ada);
  const { projectId } = await ada.api.projects.create.mutate({ name: 'Elsewhere' });
  const by = async (
    headers: { authorization: string },
    of = reporter as Pick<Reporter, 'runId' | 'part' | 'session'>,
  ) => {
    const answer = await send({ url: app.url, headers }, of, 'a.txt', 'x');
    return [answer.status, ((await answer.json()) as { message?: string }).message ?? ''];
  };
  expect(await by(await keyOf('reporter'))).toEqual([200, '']);
  expect(await by(await keyOf('viewer'))).toEqual([403, expect.stringContaining('needs the role')]);
  expect(await by({ authorization: 'Bearer rl_wrong' })).toEqual([401, expect.any(String)]);
  expect(await by(await keyOf('reporter', { 'x-runlight-project': projectId }))).toEqual([
    404,
    expect.stringContaining('There is no run'),
  ]);
  const { runId, part } = reporter;
  expect(await by(await keyOf('reporter'), { runId, part, session: crypto.randomUUID() })).toEqual([
    409,
    expect.stringContaining('taken over'),
  ]);
  expect(await by(await keyOf('reporter'), { runId, part, session: 'mine' })).toEqual([
    400,
    expect.stringContaining('session'),
  ]);
  expect(await by(await keyOf('reporter'), { ...reporter, part: 7 })).toEqual([404, expect.any(String)]);
  await reporter.finish();
  expect(await by(await keyOf('reporter'))).toEqual([409, expect.stringContaining('is over')]);
});

test.runIf(process.getuid?.() === 0)('a full disk is said, and leaves room for what is smaller', async () => {
  await using app = await testApp({});
  const dir = path.join(app.dataDir, 'artifacts');
  await mkdir(dir, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
  try {
    const reporter = await playReporter(app.client);
    const full = await send(app, reporter, 'large.bin', Buffer.alloc(3_000_000));
    expect([full.status, await full.text()]).toEqual([507, expect.stringContaining('The disk of Runlight is full')]);
    expect(await readdir(path.join(dir, '.received'))).toEqual([]);
    expect((await send(app, reporter, 'small.bin', Buffer.alloc(500_000))).status).toBe(200);
    expect((await reporter.finish()).status).toBe('passed');
  } finally {
    execFileSync('umount', [dir]);
  }
});
