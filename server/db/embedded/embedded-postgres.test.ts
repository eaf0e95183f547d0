import { chmod, chown, mkdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  isRoot,
  ordinaryUser,
  processesIn,
  query,
  readNotes,
  useEmbeddedPostgres,
  writeNote,
} from '#server/testing/embedded-postgres-rig.ts';
import { handOver } from './postgres-account.ts';
import { openSocketDirectory } from './postgres-sockets.ts';

const rig = useEmbeddedPostgres();
const { logger, start, startAgain, startError } = rig;

test('the first start makes a cluster, a restart keeps the data, and the server listens on a private socket only', async () => {
  const dataDir = path.join(rig.root, 'a', 'data');
  {
    await using first = await start(dataDir);
    expect(first.adopted).toBe(false);
    const rows = await query(
      first,
      `select current_database() as database, pg_encoding_to_char(encoding) as encoding, 'Ä' ilike 'ä' as unicode,
         current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
         current_setting('max_connections')::int >= 100 as roomy
       from pg_database where datname = current_database()`,
    );
    expect(rows).toEqual([
      { database: 'runlight', encoding: 'UTF8', unicode: true, addresses: '', fsync: 'on', roomy: true },
    ]);
    expect((await stat(first.connection.host)).mode & 0o777).toBe(0o700);
    await writeNote(first, 'kept');
  }
  expect(await processesIn(rig.root)).toEqual([]);
  await using second = await start(dataDir);
  expect(second.adopted).toBe(false);
  expect(await readNotes(second)).toEqual(['kept']);
  expect(logger.warn).not.toHaveBeenCalled();
});

test('a directory name may contain spaces, quotes, a comma and letters beyond ASCII', async () => {
  const dataDir = path.join(rig.root, `Lauf licht, "ü" 'é' 火`);
  await using postgres = await start(dataDir);
  expect(postgres.connection.host.startsWith(dataDir)).toBe(true);
  await writeNote(postgres, 'kept');
  expect(await readNotes(postgres)).toEqual(['kept']);
});

test('a directory path may be too long for a socket, and a second start finds the same cluster', async () => {
  const dataDir = path.join(rig.root, 'long'.repeat(30), 'data');
  let host: string;
  {
    await using first = await startAgain(dataDir);
    host = first.connection.host;
    await writeNote(first, 'kept');
    await expect(start(dataDir)).rejects.toThrow(`process ${process.pid}.`);
  }
  {
    await using second = await start(dataDir);
    expect(second.connection.host).toBe(host);
    expect(await readNotes(second)).toEqual(['kept']);
  }
  expect(path.dirname(host)).toBe(os.tmpdir());
  // Anybody could have made this one, to read what passes through it.
  await chmod(host, 0o777);
  await expect(start(dataDir)).rejects.toThrow(`${host} is for the sockets`);
  await rm(host, { recursive: true });
});

test('the socket is in /tmp when the directory for temporary files has a long path as well', async () => {
  const host = await openSocketDirectory(
    path.join(rig.root, 'd'.repeat(100)),
    process.getuid!(),
    `/${'t'.repeat(100)}`,
  );
  expect(path.dirname(host)).toBe('/tmp');
  await rm(host, { recursive: true });
});

if (isRoot) {
  test('root runs the server of a cluster that belongs to an ordinary user as that user', async () => {
    const dataDir = path.join(rig.root, 'data');
    {
      await using first = await startAgain(dataDir);
      await writeNote(first, 'kept');
    }
    // What a start as root does where it cannot have a user namespace.
    await handOver(path.join(dataDir, 'postgres'), { prefix: [], user: ordinaryUser, endsWithParent: false });
    await using second = await start(dataDir);
    expect(await readFile(`/proc/${second.pid}/status`, 'utf8')).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(await readNotes(second)).toEqual(['kept']);
  });

  test("root works in a directory of another user's closed home", async () => {
    const home = path.join(rig.root, 'home');
    await mkdir(home, { mode: 0o700 });
    await chown(home, ordinaryUser.uid, ordinaryUser.gid);
    const dataDir = path.join(home, 'project', 'data');
    for (const notes of [[], ['kept']]) {
      await using postgres = await start(dataDir);
      expect(await readNotes(postgres)).toEqual(notes);
      if (notes.length === 0) await writeNote(postgres, 'kept');
    }
  });

  test('root gets an error when no other user can enter the directory', async () => {
    const dataDir = path.join(rig.root, 'data');
    {
      await using first = await startAgain(dataDir);
      await writeNote(first, 'kept');
    }
    await handOver(path.join(dataDir, 'postgres'), { prefix: [], user: ordinaryUser, endsWithParent: false });
    await chmod(rig.root, 0o700);
    expect(await startError(dataDir)).toMatch(/Postgres does not run as root, and user 65534 cannot run .*chmod o\+x/);
  });
}
