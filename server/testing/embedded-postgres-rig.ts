import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { eventually } from './eventually.ts';

interface Ids {
  uid?: number;
  gid?: number;
}

type Reachable = Pick<EmbeddedPostgres, 'connection'>;
type Started = Pick<EmbeddedPostgres, 'connection' | 'adopted' | 'pid'>;

export const isRoot = process.getuid!() === 0;
export const ordinaryUser = { uid: 65_534, gid: 65_534 };

/** The users that may own the server; how it is started differs. */
export const users: { user: string; ids: Ids }[] = isRoot
  ? [
      { user: 'root', ids: {} },
      { user: 'an ordinary user', ids: ordinaryUser },
    ]
  : [{ user: 'an ordinary user', ids: {} }];

/**
 * For a file of tests: a directory per test for embedded Postgres, in this process and in others. After the test the
 * other processes are killed, and the directory is removed once no process works in it.
 */
export function useEmbeddedPostgres() {
  let root: string;
  let children: ChildProcess[];
  const logger = { info: vi.fn(), warn: vi.fn() };
  let template: Promise<string> | undefined;

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

  afterAll(async () => {
    if (template) await rm(await template, { recursive: true });
  });

  const start = (dataDir: string) => startEmbeddedPostgres({ dataDir, logger });

  async function makeTemplate(): Promise<string> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'pg-template-'));
    await chmod(directory, 0o755);
    await (await start(directory))[Symbol.asyncDispose]();
    return directory;
  }

  const rig = {
    /** The directory of this test. */
    get root() {
      return root;
    },
    logger,
    start,

    /** Starts on a copy of a cluster, for tests that are not about the first start. */
    async startAgain(dataDir: string): Promise<EmbeddedPostgres> {
      const source = await (template ??= makeTemplate());
      await mkdir(dataDir, { recursive: true });
      await promisify(execFile)('cp', ['-a', path.join(source, 'postgres'), dataDir]);
      return start(dataDir);
    },

    /** The message with which a start fails. */
    async startError(dataDir: string): Promise<string> {
      const result = await start(dataDir).catch((error: Error) => error.message);
      if (typeof result === 'string') return result;
      await result[Symbol.asyncDispose]();
      throw new Error('The start was expected to fail.');
    },

    /** A process that is ready to start an embedded Postgres. */
    async loadChild(dataDir: string, ids: Ids): Promise<ChildProcess> {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--conditions=runlight-source', 'server/testing/embedded-postgres-child.ts', dataDir],
        { ...ids, env: { TSX_DISABLE_CACHE: '1' }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
      );
      children.push(child);
      await once(child, 'message');
      return child;
    },

    async startChild(dataDir: string, ids: Ids): Promise<Started & { child: ChildProcess }> {
      const child = await rig.loadChild(dataDir, ids);
      const answer = await begin(child);
      if ('error' in answer) throw new Error(answer.error);
      return { ...answer, child };
    },

    /** Another process, which is killed after the test. */
    spawn(command: string, args: string[]): ChildProcess {
      const child = spawn(command, args);
      children.push(child);
      return child;
    },

    async stopOrphan(pid: number): Promise<void> {
      process.kill(pid, 'SIGINT');
      await eventually(async () => expect(await processesIn(root)).toEqual([]));
    },
  };
  return rig;
}

/** Makes a loaded process start its Postgres. */
export async function begin(child: ChildProcess): Promise<Started | { error: string }> {
  child.send('start');
  const [answer] = (await once(child, 'message')) as [Started | { error: string }];
  return answer;
}

/** As `kill -9`: nothing of the process runs after it. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

export async function processesIn(directory: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-A', '-o', 'pid=,command=']);
  return stdout.split('\n').filter((line) => line.includes(directory));
}

export async function query(postgres: Reachable, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client(postgres.connection);
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

export async function writeNote(postgres: Reachable, note: string): Promise<void> {
  await query(postgres, 'create table if not exists notes (note text)');
  await query(postgres, 'insert into notes values ($1)', [note]);
}

export async function readNotes(postgres: Reachable): Promise<string[]> {
  await query(postgres, 'create table if not exists notes (note text)');
  return ((await query(postgres, 'select note from notes')) as { note: string }[]).map(({ note }) => note);
}
