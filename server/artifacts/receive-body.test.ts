import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { temporaryDir } from '#server/testing/temporary-dir.ts';
import { createLocalArtifactStore } from './local-store.ts';
import { receiveBody } from './receive-body.ts';

const place = { folder: 'run-1', path: 'a' };

test('a body of which nothing arrives any more is given up, and leaves nothing behind', async () => {
  await using temporary = await temporaryDir();
  const store = createLocalArtifactStore(temporary);
  const body = new PassThrough();
  body.write('the beginning');
  const refuse = () => {
    throw new Error('too large');
  };
  await expect(receiveBody(store, place, body, { mostBytes: 100, refuse, stalledMs: 50 })).rejects.toThrow(
    'Nothing of the file arrived for 0.05 s.',
  );
  expect(await readdir(path.join(temporary.dir, '.received'))).toEqual([]);
});

test('what a killed process has received is removed after a while', async () => {
  await using temporary = await temporaryDir();
  const store = createLocalArtifactStore(temporary);
  const content = randomBytes(1_000);
  expect(await store.receive(place, Readable.from([content]), new AbortController().signal)).toMatchObject({
    bytes: 1_000,
  });
  const received = path.join(temporary.dir, '.received');
  const [name] = await readdir(received);
  expect((await readFile(path.join(received, name!))).equals(content)).toBe(true);
  await store.removeLeftovers(60_000);
  expect(await readdir(received)).toHaveLength(1);
  await store.removeLeftovers(-1);
  expect(await readdir(received)).toEqual([]);
});
