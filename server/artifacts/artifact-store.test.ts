import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLocalArtifactStore, type ArtifactStore } from './artifact-store.ts';

let dir: string;
let store: ArtifactStore;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'runlight-store-'));
  const source = path.join(dir, 'source');
  await mkdir(path.join(source, 'report'), { recursive: true });
  await writeFile(path.join(source, 'report/index.html'), '<h1>report</h1>');
  await writeFile(path.join(dir, 'secret'), 'secret');
  await symlink(path.join(dir, 'secret'), path.join(source, 'link'));
  store = createLocalArtifactStore({ dir: path.join(dir, 'artifacts') });
  await store.put('run-1', source);
});
afterAll(() => rm(dir, { recursive: true }));

it('finds the files of a run', async () => {
  const file = await store.path('run-1', 'report/index.html');
  expect(await readFile(file!, 'utf8')).toBe('<h1>report</h1>');
});

it.each([
  '../../secret',
  'report/../../../secret',
  '/etc/passwd',
  'link',
  'report',
  '',
  '.',
  'report/index.html\0',
  'missing',
])('does not resolve %j', async (relativePath) => expect(await store.path('run-1', relativePath)).toBeUndefined());

it('does not follow a link that appears later, and refuses names that are not ids of runs', async () => {
  await symlink(path.join(dir, 'secret'), path.join(dir, 'artifacts/run-1/later'));
  expect(await store.path('run-1', 'later')).toBeUndefined();
  expect(await store.path('..', 'secret')).toBeUndefined();
  await expect(store.delete('../source')).rejects.toThrow('not the id of a run');
});

it('deletes the files of a run, and does nothing the second time', async () => {
  await store.delete('run-1');
  await store.delete('run-1');
  expect(await store.path('run-1', 'report/index.html')).toBeUndefined();
});
