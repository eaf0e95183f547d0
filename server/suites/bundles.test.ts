import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { sql } from 'kysely';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { createLocalArtifactStore } from '#server/artifacts/local-store.ts';
import { eventually } from '#server/testing/eventually.ts';
import {
  archiveOf,
  archiveOfMany,
  bundleSaying,
  gzipped,
  type PlayedEntry,
  playPush,
  pushInput,
  sendBundle,
} from '#server/testing/played-bundle.ts';
import { testApp, useTestApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';
import { placeOfArchive } from './receive-bundle.ts';
import { removeOldBundles } from './remove-bundles.ts';

const app = useTestApp({});
const artifactsDir = () => path.join(app().dataDir, 'artifacts');
const store = () => createLocalArtifactStore({ dir: artifactsDir() });
const stored = (hash: string) => store().size(placeOfArchive(app().projectId, hash));
const nothingLeft = async () => expect(await readdir(path.join(artifactsDir(), '.received'))).toEqual([]);
const file = (name: string, content = ''): PlayedEntry => ({ name, content });
const link = (name: string, linkname: string): PlayedEntry => ({ name, linkname, type: 'symlink' });

test('a bundle is sent once, pushed with what it is, and listed, the newest first', async () => {
  const { suites } = app().client.api;
  const entries = [file('a/b.spec.ts', 'test'), { ...file('bin/x', 'x'), mode: 0o755 }, link('a/c', '../bin/x')];
  const archive = await archiveOf(entries);
  expect(await suites.findBundle.query({ hash: archive.hash })).toEqual({ isKnown: false });
  await expect(suites.push.mutate(pushInput(archive.hash))).rejects.toThrow('send its bytes first');
  const sizes = { bytes: archive.body.length, unpackedBytes: 5, files: 3 };
  expect(await sendBundle(app(), archive)).toEqual({ status: 200, ...sizes });
  expect(await suites.findBundle.query({ hash: archive.hash })).toEqual({ isKnown: true });
  // It is not read again.
  expect(await sendBundle(app(), { ...archive, body: 'no gzip' })).toEqual({ status: 200, ...sizes });
  await nothingLeft();

  const input = pushInput(archive.hash, { suite: 'shop', dir: 'a' });
  const { suiteId, bundleId, isNew } = await suites.push.mutate(input);
  expect(isNew).toBe(true);
  expect(await suites.push.mutate(input)).toEqual({ suiteId, bundleId, isNew: false });
  const other = await playPush(app(), { suite: 'shop', text: 'other', branch: 'faster', isDirty: true });
  const ids = async (filter: { branch?: string } = {}) =>
    (await suites.bundles.query({ suiteId, ...filter })).items.map(({ id }) => id);
  expect(await ids()).toEqual([other.bundleId, bundleId]);
  expect(await ids({ branch: 'main' })).toEqual([bundleId]);
  // What is pushed again, such as by a revert, is the newest.
  const again = { ...input, branch: 'main', commitSha: 'e4f5a6b' };
  expect(await suites.push.mutate(again)).toEqual({ suiteId, bundleId, isNew: false });
  const first = await suites.bundles.query({ suiteId, limit: 1 });
  expect(first.items).toMatchObject([
    {
      id: bundleId,
      hash: archive.hash,
      ...sizes,
      dir: 'a',
      branch: 'main',
      commitSha: 'e4f5a6b',
      playwright: '1.60.0',
    },
  ]);
  const { items } = await suites.bundles.query({ suiteId, limit: 1, cursor: first.nextCursor });
  expect(items).toMatchObject([{ id: other.bundleId, branch: 'faster', isDirty: true }]);
});

test.each<[string, PlayedEntry[], string]>([
  ['leads out', [file('ok'), file('../out')], '"../out" leads out'],
  ['leads out inside', [file('a/../../out')], 'leads out'],
  ['an absolute path', [file('/etc/cron.d/x')], '"/etc/cron.d/x" is an absolute path'],
  ['a dot', [file('./a')], 'not the plain path'],
  ['an empty name', [file('a//b')], 'not the plain path'],
  ['a link out', [link('a', '../secret')], '"a" links to "../secret", which leads out'],
  ['a link out of a folder', [link('a/b', '../../x')], 'leads out'],
  ['an absolute link', [link('a', '/etc/passwd')], 'not a relative path'],
  ['a link down and up', [link('a', 'b/../../../c')], 'down and up again'],
  ['a file below a link', [link('a', 'b'), file('a/c')], '"a/c" is below "a"'],
  ['a link above a file', [file('a/c'), link('a', 'b')], 'is a file and a folder'],
  ['a file twice', [file('a'), file('a')], 'is in it twice'],
  ['a hard link', [file('a'), { name: 'b', linkname: 'a', type: 'link' }], '"b" is a hard link'],
  ['a device', [{ name: 'sda', type: 'block-device', devmajor: 8, devminor: 0 }], '"sda" is a device'],
  ['a pipe', [{ name: 'p', type: 'fifo' }], 'is a named pipe'],
  ['a folder', [{ name: 'd', type: 'directory' }], 'is a folder'],
  ['setuid', [{ name: 'su', mode: 0o4755 }], 'special permissions'],
  ['an attribute of GNU', [{ name: 'a', pax: { 'GNU.sparse.name': '/x' } }], '"GNU.sparse.name"'],
  ['a name that is too long', [file('x'.repeat(300))], 'longer'],
  ['control characters', [file('../a\u001b[2J\u202e')], '\\u001b[2J\\u202e'],
  ['nothing', [], 'no files'],
])('a bundle with %s is refused by name', async (_, entries, message) => {
  const archive = await archiveOf(entries);
  expect(await sendBundle(app(), archive)).toMatchObject({ status: 400, message: expect.stringContaining(message) });
  expect(await app().client.api.suites.findBundle.query({ hash: archive.hash })).toEqual({ isKnown: false });
  await nothingLeft();
});

test('a bundle that is not what it is said to be, or not all of it, is refused', async () => {
  const archive = await bundleSaying('x'.repeat(5_000));
  const tar = Buffer.alloc(512, 'x');
  const refusals: [string, { hash: string; body: Buffer }][] = [
    ['not bbbb', { ...archive, hash: 'b'.repeat(64) }],
    ['no gzip', { ...archive, body: randomBytes(2_000) }],
    ['no gzip', { ...archive, body: archive.body.subarray(0, -20) }],
    ['no gzip', { ...archive, body: Buffer.alloc(0) }],
    ['no gzip', gzipped(tar)],
    ['no gzip', gzipped(Buffer.concat([Buffer.alloc(1_024), tar]))],
    ['hash: must be a SHA-256', { ...archive, hash: 'B'.repeat(64) }],
  ];
  for (const [message, sent] of refusals)
    expect(await sendBundle(app(), sent)).toMatchObject({ status: 400, message: expect.stringContaining(message) });
  await nothingLeft();
  expect((await sendBundle(app(), archive)).status).toBe(200);
});

test('limits of size and number are those of what is unpacked: a bomb is refused while it arrives', async () => {
  const tar = pack();
  tar.entry({ name: 'small' }, 'x');
  tar.entry({ name: 'zeros', size: 1_000_000_000 });
  // Its content never comes.
  const chunks: Buffer[] = [];
  for await (const chunk of tar) if (chunks.push(chunk as Buffer) && chunks.at(-1)!.includes('zeros')) break;
  const bomb = { ...gzipped(Buffer.concat(chunks)), hash: 'c'.repeat(64) };
  // Made first: it keeps this process busy, so that the server would close a connection that waits for it.
  const many = await archiveOfMany(100_001);
  expect(await sendBundle(app(), bomb)).toMatchObject({
    status: 413,
    message: expect.stringContaining('more than 1000 MB'),
  });
  expect(await sendBundle(app(), many)).toMatchObject({
    status: 413,
    message: expect.stringContaining('more than 100,000 files'),
  });
  await nothingLeft();
});

test('a bundle of more than 200 MB is refused, whether or not its size is said before', async () => {
  const tar = pack();
  tar.entry({ name: 'zeros', size: 300_000_000 });
  const { value: header } = (await tar[Symbol.asyncIterator]().next()) as { value: Buffer };
  async function* content() {
    yield header;
    for (let sent = 0; sent < 300; sent += 1) yield Buffer.alloc(1_000_000);
  }
  // Zeros that are not packed.
  const body = Readable.from(content()).pipe(createGzip({ level: 0 }));
  const refused = { status: 413, message: expect.stringContaining('at most 200 MB') };
  const hash = 'd'.repeat(64);
  expect(await sendBundle(app(), { hash, body: body as unknown as BodyInit })).toMatchObject(refused);
  const sending = request(`${app().url}/api/bundles/${hash}`, {
    method: 'PUT',
    headers: { ...app().headers, 'content-length': 200_000_001 },
  });
  sending.flushHeaders();
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  expect({ status: answer.statusCode, ...((await json(answer)) as object) }).toMatchObject(refused);
  await nothingLeft();
});

test('names may have every character', async () => {
  const names = [
    'näme mit Leerzeichen',
    '日本語/ファイル',
    '🦆',
    'a\nb',
    'a\\b',
    '$(x)`"\'',
    '-rf',
    '*?[x]',
    'x'.repeat(255),
  ];
  const deep = Array.from({ length: 200 }, () => 'dir').join('/');
  const archive = await archiveOf([...names, deep].map((name) => file(name, name)));
  expect(await sendBundle(app(), archive)).toMatchObject({ status: 200, files: names.length + 1 });
});

test('a connection that breaks leaves nothing behind', async () => {
  const archive = await archiveOf([{ name: 'noise', content: randomBytes(1_000_000) }]);
  const sending = request(`${app().url}/api/bundles/${archive.hash}`, {
    method: 'PUT',
    headers: { ...app().headers, 'content-length': archive.body.length },
  }).on('error', () => {});
  sending.write(archive.body.subarray(0, 400_000));
  await eventually(async () => expect(await readdir(path.join(artifactsDir(), '.received'))).toHaveLength(1));
  sending.destroy();
  await eventually(nothingLeft);
  expect((await sendBundle(app(), archive)).status).toBe(200);
});

test('editors send bundles; those of another project are not known', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const keyOf = async (role: 'editor' | 'reporter') => {
    const answer = await fetch(`${app.url}/api/trpc/keys.create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...ada.headers },
      body: JSON.stringify({ name: role, role, expiresInDays: 1 }),
    });
    const { result } = (await answer.json()) as { result: { data: { key: string } } };
    return { authorization: `Bearer ${result.data.key}` };
  };
  const archive = await bundleSaying('mine');
  const by = async (headers: { authorization: string }) =>
    (await sendBundle({ url: app.url, headers }, archive)).status;
  expect(await by(await keyOf('reporter'))).toBe(403);
  expect(await by({ authorization: 'Bearer rl_wrong' })).toBe(401);
  expect(await by(await keyOf('editor'))).toBe(200);
  await ada.api.projects.create.mutate({ name: 'Elsewhere' });
});

test.runIf(process.getuid?.() === 0)('a full disk is said, and leaves room for what is smaller', async () => {
  await using app = await testApp({});
  const dir = path.join(app.dataDir, 'artifacts');
  await mkdir(dir, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
  try {
    const large = await archiveOf([{ name: 'noise', content: randomBytes(3_000_000) }]);
    expect(await sendBundle(app, large)).toMatchObject({ status: 507, message: expect.stringContaining('disk') });
    expect(await readdir(path.join(dir, '.received'))).toEqual([]);
    expect((await sendBundle(app, await bundleSaying('small'))).status).toBe(200);
  } finally {
    execFileSync('umount', [dir]);
  }
});

test('a bundle that is deleted takes its bytes along, unless another suite has them', async () => {
  const { suites } = app().client.api;
  const one = await playPush(app(), { suite: 'one', text: 'shared' });
  const two = await playPush(app(), { suite: 'two', text: 'shared' });
  expect(two.hash).toBe(one.hash);
  await suites.deleteBundle.mutate({ bundleId: one.bundleId });
  expect((await suites.bundles.query({ suiteId: one.suiteId })).items).toEqual([]);
  expect(await stored(one.hash)).toBeDefined();
  await suites.deleteBundle.mutate({ bundleId: two.bundleId });
  expect(await stored(one.hash)).toBeUndefined();
  expect(await suites.findBundle.query({ hash: one.hash })).toEqual({ isKnown: false });
  await expect(suites.deleteBundle.mutate({ bundleId: two.bundleId })).rejects.toThrow('There is no bundle');
});

test('old bundles are removed, but not the newest of a branch or of a suite, and not those of recent runs', async () => {
  const { db } = app().services;
  const push = async (text: string, branch: string, daysAgo: number) => {
    const pushed = await playPush(app(), { suite: 'aging', text, branch });
    const ago = sql<string>`now() - ${daysAgo} * interval '1 day'`;
    await db.updateTable('suiteBundles').set({ pushedAt: ago }).where('id', '=', pushed.bundleId).execute();
    await db.updateTable('bundleArchives').set({ receivedAt: ago }).where('hash', '=', pushed.hash).execute();
    return pushed;
  };
  const oldOfMain = await push('a', 'main', 5);
  const deadBranch = await push('b', 'dead', 100);
  const branch = await push('c', 'branch', 50);
  const newestOfMain = await push('d', 'main', 3);
  const unpushed = await bundleSaying('unpushed');
  await sendBundle(app(), unpushed);
  await removeOldBundles({ db, artifacts: store() });
  const { items } = await app().client.api.suites.bundles.query({ suiteId: oldOfMain.suiteId });
  expect(items.map(({ id }) => id)).toEqual([newestOfMain.bundleId, branch.bundleId]);
  for (const { hash } of [oldOfMain, deadBranch]) expect(await stored(hash)).toBeUndefined();
  for (const { hash } of [newestOfMain, branch, unpushed]) expect(await stored(hash)).toBeDefined();
});
