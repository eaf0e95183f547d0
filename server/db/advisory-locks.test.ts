import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '#server/testing/resources.ts';
import { advisoryLocks, tryWithLock } from './advisory-locks.ts';
import { createDatabase } from './database.ts';

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

test('work does not run while another connection holds its lock', async () => {
  await using database = await testDatabase();
  const { db, destroy } = createDatabase(database.connection);
  try {
    const ran = await tryWithLock(db, 'sweep', async () => {
      expect(await tryWithLock(db, 'sweep', async () => {})).toBe(false);
    });
    expect(ran).toBe(true);
    expect(await tryWithLock(db, 'sweep', async () => {})).toBe(true);
  } finally {
    await destroy();
  }
});
