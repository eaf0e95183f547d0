import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { testApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';
import { advisoryLocks, tryWithLock } from './advisory-locks.ts';

test('every advisory lock has a number of its own', () => {
  const numbers = Object.values(advisoryLocks);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('no other file takes an advisory lock', async () => {
  const serverDir = path.join(import.meta.dirname, '..');
  const files = (await readdir(serverDir, { recursive: true })).filter((file) => /(?<!\.test)\.ts$/.test(file));
  const taking = [];
  for (const file of files)
    if (/pg_\w*advisory/.test(await readFile(path.join(serverDir, file), 'utf8'))) taking.push(file);
  expect(taking).toEqual([path.join('db', 'advisory-locks.ts')]);
});

test('a sign-up passes while a sweep is under way, and no second sweep begins', async () => {
  await using app = await testApp({ accounts: {} });
  const { db } = app.services;
  const swept = await tryWithLock(db, 'sweep', async () => {
    await testUser(app, { email: 'ann@example.com', name: 'Ann' });
    expect(await tryWithLock(db, 'sweep', async () => {})).toBe(false);
  });
  expect(swept).toBe(true);
  expect(await tryWithLock(db, 'sweep', async () => {})).toBe(true);
});
