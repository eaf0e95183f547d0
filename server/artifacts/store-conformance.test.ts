import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { startObjectStorage, storageCredentials, type TestObjectStorage } from '#server/testing/object-storage.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { copyStore } from './copy-store.ts';
import { createLocalArtifactStore } from './local-store.ts';
import { openS3ArtifactStore } from './s3-store.ts';

let dir: string;
let storage: TestObjectStorage;
const never = new AbortController().signal;
const stores: Partial<Record<ArtifactStore['kind'], ArtifactStore>> = {};

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'runlight-stores-'));
  for (const [name, value] of Object.entries(storageCredentials)) vi.stubEnv(name, value);
  storage = await startObjectStorage();
  stores.local = createLocalArtifactStore({ dir: path.join(dir, 'artifacts') });
  stores.s3 = await openS3ArtifactStore(await storage.bucket('conformance'), { logger: pino({ level: 'silent' }) });
});
afterAll(async () => {
  for (const store of Object.values(stores)) store[Symbol.dispose]();
  vi.unstubAllEnvs();
  await storage[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

describe.each(['local', 's3'] as const)('the %s store', (kind) => {
  let made = 0;
  const store = () => stores[kind]!;
  const newRun = () => `${kind}-${++made}`;
  const at = (folder: string, inside: string) => ({ folder, path: inside });

  async function storeFile(folder: string, inside: string, content: string | Buffer) {
    await using received = await store().receive(at(folder, inside), Readable.from([Buffer.from(content)]), never);
    await received.keep();
    return received.bytes;
  }
  async function contentOf(folder: string, inside: string): Promise<string | undefined> {
    const found = await store().read(at(folder, inside));
    return found?.content && text(found.content);
  }
  async function namesIn(folder: string): Promise<string[]> {
    return (await all(store().files(folder))).map((file) => file.path).sort();
  }
  async function folder(files: Record<string, string>): Promise<string> {
    const source = await mkdtemp(path.join(dir, 'source-'));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(source, name)), { recursive: true });
      await writeFile(path.join(source, name), content);
    }
    return source;
  }

  it('stores the regular files of a folder, and no links', async () => {
    const run = newRun();
    const source = await folder({ 'report/index.html': '<h1>report</h1>', 'a b/näch#ste?.txt': 'x', empty: '' });
    await writeFile(path.join(dir, 'secret'), 'secret');
    await symlink(path.join(dir, 'secret'), path.join(source, 'link'));
    await store().put(run, source);
    expect(await namesIn(run)).toEqual(['a b/näch#ste?.txt', 'empty', 'report/index.html']);
    expect(await contentOf(run, 'report/index.html')).toBe('<h1>report</h1>');
    expect(await contentOf(run, 'a b/näch#ste?.txt')).toBe('x');
    expect(await store().size(at(run, 'empty'))).toBe(0);
    expect(await store().size(at(run, 'link'))).toBeUndefined();
  });

  it('replaces an earlier folder of the run', async () => {
    const run = newRun();
    await store().put(run, await folder({ 'old.txt': 'old', 'both.txt': 'old' }));
    await store().put(run, await folder({ 'both.txt': 'new' }));
    expect(await namesIn(run)).toEqual(['both.txt']);
    expect(await contentOf(run, 'both.txt')).toBe('new');
  });

  it('stores nothing of a folder that cannot be read', async () => {
    const run = newRun();
    await expect(store().put(run, path.join(dir, 'nowhere'))).rejects.toThrow('ENOENT');
    expect(await namesIn(run)).toEqual([]);
  });

  it('has a received file once it is kept, whatever its size', async () => {
    for (const bytes of [0, 1, 300_000, 5 * 1024 * 1024, 13_000_000]) {
      const run = newRun();
      const content = randomBytes(bytes);
      const parts = Array.from({ length: Math.ceil(bytes / 64_000) }, (_, n) =>
        content.subarray(n * 64_000, (n + 1) * 64_000),
      );
      await using received = await store().receive(at(run, 'file.bin'), Readable.from(parts), never);
      expect(received.bytes).toBe(bytes);
      expect(await store().size(at(run, 'file.bin'))).toBeUndefined();
      await received.keep();
      expect(await store().size(at(run, 'file.bin'))).toBe(bytes);
      const found = await store().read(at(run, 'file.bin'));
      expect((await buffer(found!.content!)).equals(content)).toBe(true);
    }
  });

  it('keeps the later of two files with the same name', async () => {
    const run = newRun();
    expect(await storeFile(run, 'a.txt', 'first')).toBe(5);
    expect(await storeFile(run, 'a.txt', 'second one')).toBe(10);
    expect(await contentOf(run, 'a.txt')).toBe('second one');
  });

  it.each([1_000, 12_000_000])('keeps nothing of a discarded file of %i bytes', async (bytes) => {
    const run = newRun();
    {
      await using received = await store().receive(at(run, 'a'), Readable.from([randomBytes(bytes)]), never);
      expect(received.bytes).toBe(bytes);
    }
    expect(await namesIn(run)).toEqual([]);
    await store().removeLeftovers(-60_000);
  });

  it.each([1_000, 12_000_000])('keeps nothing of a stream that breaks after %i bytes', async (bytes) => {
    const run = newRun();
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(bytes);
        throw new Error('the connection broke');
      })(),
    );
    await expect(store().receive(at(run, 'a'), broken, never)).rejects.toThrow('the connection broke');
    expect(await namesIn(run)).toEqual([]);
  });

  it('gives up a stream when its signal aborts', async () => {
    const abort = new AbortController();
    const silent = new Readable({ read() {} });
    const receiving = store().receive(at(newRun(), 'a'), silent, abort.signal);
    abort.abort(new Error('nothing arrives'));
    await expect(receiving).rejects.toThrow();
    expect(silent.destroyed).toBe(true);
  });

  it('answers whole files and parts of them as HTTP says', async () => {
    const run = newRun();
    await storeFile(run, 'a.zip', '0123456789');
    const read = async (headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') => {
      const found = await store().read(at(run, 'a.zip'), { headers, method });
      const content = found?.content && (await text(found.content));
      return { ...found!, content };
    };
    const whole = await read({});
    expect(whole).toMatchObject({ status: 200, content: '0123456789' });
    expect(whole.headers).toMatchObject({ 'content-length': '10', 'accept-ranges': 'bytes' });
    const { etag = '', 'last-modified': modified = '' } = whole.headers;
    for (const [range, part, content] of [
      ['bytes=2-5', 'bytes 2-5/10', '2345'],
      ['bytes=7-', 'bytes 7-9/10', '789'],
      ['bytes=-2', 'bytes 8-9/10', '89'],
      ['bytes=8-100', 'bytes 8-9/10', '89'],
    ] as const) {
      const answer = await read({ range });
      expect(answer).toMatchObject({ status: 206, content, headers: { 'content-range': part } });
      expect(answer.headers['content-length']).toBe(String(content.length));
    }
    for (const range of ['bytes=2-3,5-6', 'lines=1-2']) expect([200, 206]).toContain((await read({ range })).status);
    expect((await read({ range: 'bytes=20-' })).status).toBe(416);
    expect((await read({ 'if-none-match': etag })).status).toBe(304);
    expect((await read({ 'if-modified-since': modified })).status).toBe(304);
    expect((await read({ 'if-none-match': '"another"' })).content).toBe('0123456789');
    expect(await read({ range: 'bytes=0-1', 'if-range': '"another"' })).toMatchObject({ status: 200 });
    expect(await read({}, 'HEAD')).toMatchObject({
      status: 200,
      content: undefined,
      headers: { 'content-length': '10' },
    });
  });

  it('finds no file by a path that leads elsewhere, or to none', async () => {
    const longest = `${'x/'.repeat(600)}y`;
    const outside = ['../../secret', 'report/../../../secret', '/etc/passwd', '', '.', 'report/index.html\0', longest];
    const run = newRun();
    await storeFile(run, 'report/index.html', 'x');
    for (const name of [...outside, 'report', 'missing', 'report/index.html/more']) {
      expect(await store().size(at(run, name)), name).toBeUndefined();
      expect(await store().read(at(run, name)), name).toBeUndefined();
      expect(await store().onDisk(at(run, name)), name).toBeUndefined();
      await store().deleteFile(at(run, name));
    }
    expect(await namesIn(run)).toEqual(['report/index.html']);
  });

  it('refuses folders that are not ids of runs', async () => {
    await expect(store().delete('../source')).rejects.toThrow('not the id of a run');
    await expect((async () => store().receive(at('..', 'a'), Readable.from([]), never))()).rejects.toThrow(
      'not the id',
    );
  });

  it('hands out a file of this machine', async () => {
    const run = newRun();
    await storeFile(run, 'bundle.tar.gz', 'bytes of a bundle');
    await using found = await store().onDisk(at(run, 'bundle.tar.gz'));
    expect(await readFile(found!.file, 'utf8')).toBe('bytes of a bundle');
  });

  it('lists folders and files', async () => {
    const run = newRun();
    await storeFile(run, 'b/c.txt', 'xyz');
    await storeFile(run, 'a.txt', 'x');
    expect(await all(store().folders())).toContain(run);
    const files = await all(store().files(run));
    expect(files.map(({ path: name, bytes }) => [name, bytes]).sort()).toEqual([
      ['a.txt', 1],
      ['b/c.txt', 3],
    ]);
    for (const { modifiedAt } of files) expect(Math.abs(Date.now() - modifiedAt.getTime())).toBeLessThan(600_000);
    expect(await namesIn(newRun())).toEqual([]);
  });

  it('deletes one file, and all files of a run, and does nothing the second time', async () => {
    const [run, other] = [newRun(), newRun()];
    await store().put(run, await folder({ a: '1', 'b/c': '2', 'b/d': '3' }));
    await storeFile(other, 'a', 'kept');
    await store().deleteFile(at(run, 'b/c'));
    await store().deleteFile(at(run, 'b/c'));
    expect(await namesIn(run)).toEqual(['a', 'b/d']);
    await store().delete(run);
    await store().delete(run);
    expect(await namesIn(run)).toEqual([]);
    expect(await contentOf(other, 'a')).toBe('kept');
  });

  it('can be used', async () => {
    await expect(store().ping()).resolves.toBeUndefined();
    expect(store().kind).toBe(kind);
  });
});

test('a folder that cannot be stored leaves nothing behind, and what a killed process left is removed', async () => {
  const inside = path.join(dir, 'artifacts');
  const before = await readdir(inside);
  await expect(stores.local!.put('unreadable', path.join(dir, 'nowhere'))).rejects.toThrow('ENOENT');
  expect(await readdir(inside)).toEqual(before);
  expect(await readdir(path.join(inside, '.received'))).toEqual([]);
  await mkdir(path.join(inside, '.received/half/report'), { recursive: true });
  await stores.local!.removeLeftovers(-60_000);
  expect(await readdir(path.join(inside, '.received'))).toEqual([]);
});

test('a copy names a file that the other store cannot have, and leaves no file open', async () => {
  using local = createLocalArtifactStore({ dir: path.join(dir, 'copied') });
  for (const name of ['line\nbreak', 'plain']) {
    await using received = await local.receive(
      { folder: 'copied', path: name },
      Readable.from([Buffer.from('x')]),
      never,
    );
    await received.keep();
  }
  const opened: Readable[] = [];
  const watched: ArtifactStore = {
    ...local,
    async read(...asked) {
      const found = await local.read(...asked);
      if (found?.content) opened.push(found.content);
      return found;
    },
  };
  const failures: string[] = [];
  const onFailure = (file: string) => void failures.push(file);
  const done = await copyStore(watched, stores.s3!, { signal: never, onProgress() {}, onFailure });
  expect(done).toMatchObject({ copied: 1, failed: 1 });
  expect(failures).toEqual(['copied/line\nbreak']);
  expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
