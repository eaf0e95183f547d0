import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Holder, claimDirectory } from './postgres-claim.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'claim-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('a second claim is refused and names the holder, until the first claim is given up', async () => {
  const first = await claimDirectory(directory);
  expect(await claimDirectory(directory)).toEqual({ holder: { pid: process.pid, host: os.hostname() } });
  if (!isGranted(first)) throw new Error('The first claim was refused.');
  await first[Symbol.asyncDispose]();
  const second = await claimDirectory(directory);
  if (!isGranted(second)) throw new Error('The claim was not given up.');
  await second[Symbol.asyncDispose]();
});

test('of many concurrent claims exactly one is granted, and no sockets are left over', async () => {
  for (let round = 0; round < 25; round += 1) {
    const claims = await Promise.all(Array.from({ length: 12 }, () => claimDirectory(directory)));
    const granted = claims.filter(isGranted);
    expect(granted).toHaveLength(1);
    expect((await readdir(directory)).filter((name) => name.startsWith('owner.'))).toHaveLength(1);
    await Promise.all(granted.map((claim) => claim[Symbol.asyncDispose]()));
  }
  expect(await readdir(directory)).toHaveLength(1);
});

function isGranted(claim: AsyncDisposable | { holder: Holder }): claim is AsyncDisposable {
  return !('holder' in claim);
}
