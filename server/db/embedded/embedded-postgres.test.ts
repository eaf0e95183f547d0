import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { handOver } from './postgres-account.ts';
import { findPostgresBinaries, linkLibraries } from './postgres-binaries.ts';
import { openSocketDirectory } from './postgres-sockets.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

const isRoot = process.getuid!() === 0;
const nobody = { uid: 65_534, gid: 65_534 };
/** As whom the owner of the server runs: the way to start it differs. */
const users: { user: string; ids: { uid?: number; gid?: number } }[] = isRoot
  ? [
      { user: 'root', ids: {} },
      { user: 'an ordinary user', ids: nobody },
    ]
  : [{ user: 'an ordinary user', ids: {} }];

/** Removed after the test, with every process that works in it proven to be gone. */
let root: string;
let children: ChildProcess[];
const logger = { info: vi.fn(), warn: vi.fn() };

/** A cluster to copy, since a test that is not about the first start need not wait for one. */
let template: string;

beforeAll(async () => {
  template = await mkdtemp(path.join(os.tmpdir(), 'pg-template-'));
  await chmod(template, 0o755);
  await (await start(template))[Symbol.asyncDispose]();
});

afterAll(async () => {
  await rm(template, { recursive: true });
});

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'pg-test-'));
  await chmod(root, 0o755);
  children = [];
  logger.info.mockClear();
  logger.warn.mockClear();
});

afterEach(async () => {
  for (const child of children) await kill(child);
  await eventually(async () => expect(await processesIn(root)).toEqual([]));
  await rm(root, { recursive: true });
});

test('the first start makes a cluster, a restart keeps the data, and the server listens on a private socket only', async () => {
  const dataDir = path.join(root, 'a', 'data');
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
  expect(await processesIn(root)).toEqual([]);
  await using second = await start(dataDir);
  expect(second.adopted).toBe(false);
  expect(await readNotes(second)).toEqual(['kept']);
  expect(logger.warn).not.toHaveBeenCalled();
});

test('a directory name may contain spaces, quotes, a comma and letters beyond ASCII', async () => {
  const dataDir = path.join(root, `Lauf licht, "ü" 'é' 火`);
  await using postgres = await start(dataDir);
  expect(postgres.connection.host.startsWith(dataDir)).toBe(true);
  await writeNote(postgres, 'kept');
  expect(await readNotes(postgres)).toEqual(['kept']);
});

test('a directory path may be too long for a socket, and a second start finds the same cluster', async () => {
  const dataDir = path.join(root, 'long'.repeat(30), 'data');
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
  const host = await openSocketDirectory(path.join(root, 'd'.repeat(100)), process.getuid!(), `/${'t'.repeat(100)}`);
  expect(path.dirname(host)).toBe('/tmp');
  await rm(host, { recursive: true });
});

describe.each(users)('as $user', ({ ids }) => {
  let dataDir: string;
  beforeEach(async () => {
    const home = path.join(root, 'home');
    await mkdir(home);
    await chown(home, ids.uid ?? process.getuid!(), ids.gid ?? process.getgid!());
    dataDir = path.join(home, 'data');
  });

  test('a killed process loses no committed data, and the next start has the server', async () => {
    const first = await startChild(dataDir, ids);
    await writeNote(first, 'kept');
    await kill(first.child);
    const second = await startChild(dataDir, ids);
    expect(await readNotes(second)).toEqual(['kept']);
    expect(second.adopted).toBe(second.pid === first.pid);
    // Root's server ends with its owner; without a user namespace nothing does that, and the server is taken over.
    expect(second.adopted).toBe(ids.uid !== undefined || !isRoot);
    second.child.send('stop');
    await once(second.child, 'exit');
    expect(await processesIn(root)).toEqual([]);
  });

  test('a start that is killed while it makes the cluster leaves a usable directory', async () => {
    const child = await loadChild(dataDir, ids);
    child.send('start');
    await eventually(async () => {
      const [draft] = (await readdir(dataDir)).filter((name) => name.startsWith('postgres.'));
      expect(await readdir(path.join(dataDir, draft!))).toContain('PG_VERSION');
    });
    await kill(child);
    expect(await readdir(dataDir)).not.toContain('postgres');
    const next = await startChild(dataDir, ids);
    await writeNote(next, 'works');
    await kill(next.child);
    if (!isRoot || ids.uid !== undefined) await stopOrphan(next.pid);
  });

  test('of two processes that start at the same time, one wins and the other gets an error that says why', async () => {
    const contenders = await Promise.all([loadChild(dataDir, ids), loadChild(dataDir, ids)]);
    const answers = await Promise.all(contenders.map(begin));
    const winner = answers.findIndex((answer) => !('error' in answer));
    const loser = answers[1 - winner];
    expect(loser).toEqual({ error: expect.stringContaining(`process ${contenders[winner]!.pid}.`) });
    contenders[winner]!.send('stop');
    await once(contenders[winner]!, 'exit');
  });
});

test('a directory in use is refused with an error that names it, its process and a way out', async () => {
  const dataDir = path.join(root, 'data');
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

test('a server starts although another process has the pid of the crashed server', async () => {
  const dataDir = path.join(root, 'data');
  const pidFile = path.join(dataDir, 'postgres', 'postmaster.pid');
  const other = spawn('sleep', ['600']);
  children.push(other);
  let text: string;
  {
    await using first = await startAgain(dataDir);
    text = await readFile(pidFile, 'utf8');
    await writeNote(first, 'kept');
  }
  await writeFile(pidFile, text.replace(/^\d+/, String(other.pid)));
  await using second = await start(dataDir);
  expect(await readNotes(second)).toEqual(['kept']);
  expect(other.exitCode ?? other.signalCode).toBeNull();
});

test('a broken setting is reported with the end of the log, and a start after the fix works', async () => {
  const dataDir = path.join(root, 'data');
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
  const older = path.join(root, 'older');
  await mkdir(path.join(older, 'postgres'), { recursive: true });
  await writeFile(path.join(older, 'postgres', 'PG_VERSION'), '17\n');
  expect(await startError(older)).toMatch(/was made by Postgres 17, but this Runlight brings Postgres 18/);
  const strange = path.join(root, 'strange');
  await mkdir(path.join(strange, 'postgres'), { recursive: true });
  await writeFile(path.join(strange, 'postgres', 'letter.txt'), 'keep me');
  expect(await startError(strange)).toContain('is not a Postgres cluster');
  expect(await readdir(path.join(strange, 'postgres'))).toEqual(['letter.txt']);
});

test('a directory that cannot be written, or is a file, is reported with a way out', async () => {
  const closed = path.join(root, 'closed');
  await mkdir(closed, { mode: 0o500 });
  const child = await loadChild(path.join(closed, 'data'), isRoot ? nobody : {});
  const answer = await begin(child);
  expect(answer).toEqual({ error: expect.stringMatching(/closed\/data is needed .* \(EACCES\).* Set DATA_DIR/) });
  await writeFile(path.join(root, 'file'), '');
  expect(await startError(path.join(root, 'file'))).toMatch(/\(EEXIST\).* Set DATA_DIR/);
});

test('a server that ends unexpectedly is started again with its data at the same address', async () => {
  await using postgres = await startAgain(path.join(root, 'data'));
  await query(postgres, 'create table kept (n int)');
  for (const signal of ['SIGKILL', 'SIGQUIT'] as const) {
    const before = postgres.pid;
    process.kill(before, signal);
    await eventually(() => expect(postgres.pid).not.toBe(before));
    expect(await query(postgres, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
  }
});

test('a server that cannot be started again is reported, and disposing frees the directory', async () => {
  const dataDir = path.join(root, 'data');
  {
    await using postgres = await startAgain(dataDir);
    process.kill(postgres.pid, 'SIGQUIT');
    await eventually(() =>
      expect(logger.warn).toHaveBeenCalledWith(
        expect.objectContaining({ log: path.join(dataDir, 'postgres.log') }),
        'The embedded Postgres ended unexpectedly',
      ),
    );
  }
  await using next = await start(dataDir);
  expect(next.adopted).toBe(false);
});

if (isRoot) {
  test('root runs the server of a cluster that belongs to an ordinary user as that user', async () => {
    const dataDir = path.join(root, 'data');
    {
      await using first = await startAgain(dataDir);
      await writeNote(first, 'kept');
    }
    // What a start as root does where it cannot have a user namespace.
    await handOver(path.join(dataDir, 'postgres'), { prefix: [], user: nobody, endsWithParent: false });
    await using second = await start(dataDir);
    expect(await readFile(`/proc/${second.pid}/status`, 'utf8')).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(await readNotes(second)).toEqual(['kept']);
  });
}

if (isRoot) {
  test("root works in a directory of another user's closed home", async () => {
    const home = path.join(root, 'home');
    await mkdir(home, { mode: 0o700 });
    await chown(home, nobody.uid, nobody.gid);
    const dataDir = path.join(home, 'project', 'data');
    for (const notes of [[], ['kept']]) {
      await using postgres = await start(dataDir);
      expect(await readNotes(postgres)).toEqual(notes);
      if (notes.length === 0) await writeNote(postgres, 'kept');
    }
  });

  test('root gets an error when no other user can enter the directory', async () => {
    const dataDir = path.join(root, 'data');
    {
      await using first = await startAgain(dataDir);
      await writeNote(first, 'kept');
    }
    await handOver(path.join(dataDir, 'postgres'), { prefix: [], user: nobody, endsWithParent: false });
    await chmod(root, 0o700);
    expect(await startError(dataDir)).toMatch(/Postgres does not run as root, and user 65534 cannot run .*chmod o\+x/);
  });
}

test('the error on a platform without binaries names DATABASE_URL', async () => {
  await expect(findPostgresBinaries('sunos', 'sparc')).rejects.toThrow(
    /@embedded-postgres\/sunos-sparc is missing.*DATABASE_URL/,
  );
});

test('libraries that the install script did not link are linked, by several processes at once as well', async () => {
  const lib = path.join(root, 'native', 'lib');
  await mkdir(lib, { recursive: true });
  await writeFile(path.join(lib, 'libx.so.1.2'), 'library');
  const links = ['libx.so', 'libx.so.1'].map((name) => ({
    source: 'native/lib/libx.so.1.2',
    target: `native/lib/${name}`,
  }));
  await writeFile(path.join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links));
  await Promise.all(Array.from({ length: 4 }, () => linkLibraries(root, 'package')));
  expect(await readlink(path.join(lib, 'libx.so'))).toBe('libx.so.1.2');
  expect(await readFile(path.join(lib, 'libx.so.1'), 'utf8')).toBe('library');
});

type Reachable = Pick<EmbeddedPostgres, 'connection'>;
type Started = Pick<EmbeddedPostgres, 'connection' | 'adopted' | 'pid'>;

function start(dataDir: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, logger });
}

/** A start on a directory that had one before. */
async function startAgain(dataDir: string): Promise<EmbeddedPostgres> {
  await mkdir(dataDir, { recursive: true });
  await promisify(execFile)('cp', ['-a', path.join(template, 'postgres'), dataDir]);
  return start(dataDir);
}

/** The message with which a start fails. */
async function startError(dataDir: string): Promise<string> {
  const result = await start(dataDir).catch((error: Error) => error.message);
  if (typeof result === 'string') return result;
  await result[Symbol.asyncDispose]();
  throw new Error('The start was expected to fail.');
}

/** A process that is ready to start an embedded Postgres. */
async function loadChild(dataDir: string, ids: { uid?: number; gid?: number }): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=runlight-source', 'server/testing/embedded-postgres-child.ts', dataDir],
    { ...ids, env: { TSX_DISABLE_CACHE: '1' }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  children.push(child);
  await once(child, 'message');
  return child;
}

async function begin(child: ChildProcess): Promise<Started | { error: string }> {
  child.send('start');
  const [answer] = (await once(child, 'message')) as [Started | { error: string }];
  return answer;
}

async function startChild(
  dataDir: string,
  ids: { uid?: number; gid?: number },
): Promise<Started & { child: ChildProcess }> {
  const child = await loadChild(dataDir, ids);
  const answer = await begin(child);
  if ('error' in answer) throw new Error(answer.error);
  return { ...answer, child };
}

/** As `kill -9`: nothing of the process runs after it. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function stopOrphan(pid: number): Promise<void> {
  process.kill(pid, 'SIGINT');
  await eventually(async () => expect(await processesIn(root)).toEqual([]));
}

async function processesIn(directory: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-A', '-o', 'pid=,command=']);
  return stdout.split('\n').filter((line) => line.includes(directory));
}

async function query(postgres: Reachable, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client(postgres.connection);
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

async function writeNote(postgres: Reachable, note: string): Promise<void> {
  await query(postgres, 'create table if not exists notes (note text)');
  await query(postgres, 'insert into notes values ($1)', [note]);
}

async function readNotes(postgres: Reachable): Promise<string[]> {
  await query(postgres, 'create table if not exists notes (note text)');
  return ((await query(postgres, 'select note from notes')) as { note: string }[]).map(({ note }) => note);
}
