import { once } from 'node:events';
import { appendFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  begin,
  isRoot,
  ordinaryUser,
  readNotes,
  useEmbeddedPostgres,
  writeNote,
} from '#server/testing/embedded-postgres-rig.ts';

const rig = useEmbeddedPostgres();
const { loadChild, start, startAgain, startChild, startError } = rig;

test('a directory in use is refused with an error that names it, its process and a way out', async () => {
  const dataDir = path.join(rig.root, 'data');
  const { child, ...owner } = await startChild(dataDir, {});
  const error = await startError(dataDir);
  expect(error).toContain(`${dataDir} is in use by another Runlight: process ${child.pid}.`);
  expect(error).toContain('DATA_DIR');
  expect(error).toContain('DATABASE_URL');
  await writeNote(owner, 'undisturbed');
  child.send('stop');
  await once(child, 'exit');
  await using next = await start(dataDir);
  expect(await readNotes(next)).toEqual(['undisturbed']);
});

test('a broken setting is reported with the end of the log, and a start after the fix works', async () => {
  const dataDir = path.join(rig.root, 'data');
  await (await startAgain(dataDir))[Symbol.asyncDispose]();
  const config = path.join(dataDir, 'postgres', 'postgresql.conf');
  const good = await readFile(config, 'utf8');
  await appendFile(config, '\nshared_bufers = 1GB\n');
  const error = await startError(dataDir);
  expect(error).toContain('unrecognized configuration parameter "shared_bufers"');
  expect(error).toContain(path.join(dataDir, 'postgres.log'));
  expect(error).toContain('DATABASE_URL');
  // Only what this start wrote.
  expect(error).not.toContain('database system is shut down');
  await writeFile(config, good);
  await using postgres = await start(dataDir);
  expect(await readNotes(postgres)).toEqual([]);
});

test('a cluster of another major version and a directory without a cluster are not touched, and an error explains why', async () => {
  const older = path.join(rig.root, 'older');
  await mkdir(path.join(older, 'postgres'), { recursive: true });
  await writeFile(path.join(older, 'postgres', 'PG_VERSION'), '17\n');
  expect(await startError(older)).toMatch(/was made by Postgres 17, but this Runlight brings Postgres 18/);
  const strange = path.join(rig.root, 'strange');
  await mkdir(path.join(strange, 'postgres'), { recursive: true });
  await writeFile(path.join(strange, 'postgres', 'letter.txt'), 'keep me');
  expect(await startError(strange)).toContain('is not a Postgres cluster');
  expect(await readdir(path.join(strange, 'postgres'))).toEqual(['letter.txt']);
});

test('a directory that cannot be written, or is a file, is reported with a way out', async () => {
  const closed = path.join(rig.root, 'closed');
  await mkdir(closed, { mode: 0o500 });
  const child = await loadChild(path.join(closed, 'data'), isRoot ? ordinaryUser : {});
  const answer = await begin(child);
  expect(answer).toEqual({ error: expect.stringMatching(/closed\/data is needed .* \(EACCES\).* Set DATA_DIR/) });
  await writeFile(path.join(rig.root, 'file'), '');
  expect(await startError(path.join(rig.root, 'file'))).toMatch(/\(EEXIST\).* Set DATA_DIR/);
});
