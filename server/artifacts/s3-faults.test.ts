import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CreateMultipartUploadCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { S3Settings } from '#server/config/s3-settings.ts';
import { eventually } from '#server/testing/eventually.ts';
import { freePort } from '#server/testing/free-port.ts';
import { startObjectStorage, storageCredentials, type TestObjectStorage } from '#server/testing/object-storage.ts';
import { type RestartingProxy, startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { openS3ArtifactStore } from './s3-store.ts';

const patience = { uploadsMs: 120_000, othersMs: 100, stalledMs: 1_000 };
const options = { logger: pino({ level: 'silent' }), patience };
const never = new AbortController().signal;
const at = (path: string) => ({ folder: 'run-1', path });

let storage: TestObjectStorage;
let settings: S3Settings;
let proxy: RestartingProxy;
let store: ArtifactStore;
beforeAll(async () => {
  for (const [name, value] of Object.entries(storageCredentials)) vi.stubEnv(name, value);
  storage = await startObjectStorage();
  settings = { ...(await storage.bucket('faults')), signedUrlSeconds: 60 };
  proxy = await startRestartingProxy(storage.url);
  store = await openS3ArtifactStore({ ...settings, endpoint: proxy.url }, options);
});
afterAll(async () => {
  store[Symbol.dispose]();
  proxy[Symbol.dispose]();
  vi.unstubAllEnvs();
  await storage[Symbol.asyncDispose]();
});

async function stored(path: string): Promise<Buffer | undefined> {
  const found = await store.read(at(path));
  return found?.content && buffer(found.content);
}

/** Stops the service, and starts it again after so many requests. */
async function outage(asked: number): Promise<void> {
  proxy.restart(Infinity);
  const before = proxy.requests.length;
  await eventually(() => expect(proxy.requests.length - before).toBeGreaterThan(asked));
  proxy.restart(0);
}

test('an upload outlasts an outage in the middle of it, and one at its end', async () => {
  const content = randomBytes(12_000_000);
  let away: Promise<void> | undefined;
  const body = Readable.from(
    (function* () {
      for (let n = 0; n < 12; n++) {
        if (n === 6) away = outage(3);
        yield content.subarray(n * 1_000_000, (n + 1) * 1_000_000);
      }
    })(),
  );
  await using received = await store.receive(at('large.bin'), body, never);
  await away;
  const again = outage(3);
  await received.keep();
  await again;
  expect((await stored('large.bin'))!.equals(content)).toBe(true);
});

test('an answer that never comes and one that is lost are asked for again', async () => {
  for (const fail of [() => proxy.hangNext(), () => proxy.loseNextAnswer(), () => proxy.cutNextUpload()]) {
    fail();
    await using received = await store.receive(at('small.txt'), Readable.from([Buffer.from('small')]), never);
    await received.keep();
    expect(String(await stored('small.txt'))).toBe('small');
    await store.deleteFile(at('small.txt'));
  }
});

test('a reader soon gets an error while the service is away', async () => {
  proxy.restart(Infinity);
  try {
    await expect(store.read(at('large.bin'))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(store.ping()).rejects.toThrow('cannot use the bucket "faults"');
  } finally {
    proxy.restart(0);
  }
  await expect(store.ping()).resolves.toBeUndefined();
});

test('a full bucket rejects the file with a clear reason, and keeps nothing of it', async () => {
  const full = await openS3ArtifactStore({ ...settings, bucket: 'full' }, options);
  await using received = await full.receive(at('a.bin'), Readable.from([Buffer.alloc(2_000_000)]), never);
  const reason = { code: 'ENOSPC', message: expect.stringMatching(/"full" is full/) };
  await expect(received.keep()).rejects.toMatchObject(reason);
  expect(await full.size(at('a.bin'))).toBeUndefined();
  full[Symbol.dispose]();
});

test('the reason why a bucket cannot be used is a sentence that says what to do', async () => {
  const unused = `http://127.0.0.1:${await freePort()}`;
  for (const [wrong, reason] of [
    [{ bucket: 'missing' }, 'The bucket "missing" does not exist'],
    [{ endpoint: unused }, `cannot be reached at ${unused}: ECONNREFUSED`],
  ] as const)
    await expect(openS3ArtifactStore({ ...settings, ...wrong }, options)).rejects.toThrow(reason);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
  await expect(openS3ArtifactStore(settings, options)).rejects.toThrow(
    'refuses access to the bucket "faults" (SignatureDoesNotMatch): check the credentials',
  );
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', storageCredentials.AWS_SECRET_ACCESS_KEY);
});

test('the parts of an upload are removed a while after its process was killed', async () => {
  const unfinished = () =>
    storage.client.send(new CreateMultipartUploadCommand({ Bucket: 'faults', Key: `${settings.prefix}run-1/left` }));
  const { UploadId } = await unfinished();
  await store.removeLeftovers(3_600_000);
  const { listUploads } = storage;
  expect(await listUploads('faults')).toEqual([UploadId]);
  await store.removeLeftovers(-60_000);
  expect(await listUploads('faults')).toEqual([]);
});

test('no address in the bucket, signed or not, makes a browser run a file', async () => {
  for (const [file, type, disposition] of [
    ['report/index.html', 'text/html; charset=utf-8', 'attachment'],
    ['page.svg', 'image/svg+xml', 'attachment'],
    ['a.png', 'image/png', 'inline'],
  ] as const) {
    await using received = await store.receive(at(file), Readable.from([Buffer.from('<script>')]), never);
    await received.keep();
    const Key = `${settings.prefix}run-1/${file}`;
    const object = await storage.client.send(new HeadObjectCommand({ Bucket: 'faults', Key }));
    expect([object.ContentType, object.ContentDisposition]).toEqual([type, disposition]);
    const signed = (await store.signedUrl(at(file)))!;
    const answer = await fetch(signed, { headers: { range: 'bytes=0-1' } });
    const { headers } = answer;
    expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([type, disposition]);
    expect([answer.status, await answer.text()]).toEqual([206, '<s']);
    expect((await fetch(signed.replace(disposition, 'inline;'))).status).toBe(403);
    expect(new URL(signed).origin).toBe(store.signedOrigin);
    expect(store.address(at(file))).toBe(`${proxy.url}/faults/${Key}`);
    expect((await fetch(store.address(at(file))!)).ok).toBe(false);
  }
});
