import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerProcess {
  pid: number;
  port: number;
  socketDirectory: string;
}

/** The live server of `cluster`, ready or not; undefined if none runs. */
export async function findServerProcess(cluster: string): Promise<ServerProcess | undefined> {
  // https://www.postgresql.org/docs/18/storage-file-layout.html: pid, directory, start, port, socket directory, …
  const [pid, , , port, socketDirectory] = (await readPidFile(cluster)).split('\n');
  if (!(await isServerOf(Number(pid), cluster))) return undefined;
  return { pid: Number(pid), port: Number(port), socketDirectory: socketDirectory ?? '' };
}

/**
 * True if `pid` is a live Postgres server of `cluster`, and not another process that reuses the pid of a dead one. Never
 * throws.
 */
export async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (!(pid > 0)) return false;
  // Every user may read the arguments. The working directory of another user's process is hidden from root in a
  // container.
  if (process.platform === 'linux') {
    const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return args.includes(`\0-D\0${cluster}\0`);
  }
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], (error, command) => {
      resolve(!error && command.includes(` -D ${cluster} `));
    });
  });
}

/**
 * Lets a server start although another process has the pid of the dead server, which Postgres takes for a live server
 * (common in containers, where pids repeat). Call this only if `findServerProcess` found none.
 */
export async function releasePidFile(cluster: string): Promise<void> {
  const text = await readPidFile(cluster);
  // Postgres considers the pid of its parent stale. The rest of the file still protects against surviving children.
  if (text !== '') await writeFile(pidFile(cluster), text.replace(/^-?\d+/, String(process.pid)));
}

/**
 * Stops the server and its sessions with a fast shutdown, then with an immediate one if that takes too long. Resolves when
 * the process is gone. Throws if it does not end.
 */
export async function stopServerProcess(pid: number, cluster: string): Promise<void> {
  for (const { signal, timeoutMs } of [
    { signal: 'SIGINT', timeoutMs: 20_000 },
    { signal: 'SIGQUIT', timeoutMs: 10_000 },
  ] as const) {
    if (!(await isServerOf(pid, cluster)) || !kill(pid, signal)) return;
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      await delay(5);
      if (!(await isServerOf(pid, cluster))) return;
    }
  }
  throw new Error(`The embedded Postgres (process ${pid}) does not stop. Stop it with: kill -QUIT ${pid}`);
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function readPidFile(cluster: string): Promise<string> {
  return readFile(pidFile(cluster), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

function pidFile(cluster: string): string {
  return path.join(cluster, 'postmaster.pid');
}
