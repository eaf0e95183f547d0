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
 * Whether `pid` is a live Postgres server of `cluster`, and not some process that was given the number of a dead one.
 * Never throws.
 */
export async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (!(pid > 0)) return false;
  // The arguments, because every user may read them: the working directory of another user's process is hidden from
  // root in a container.
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
 * Lets a server start although the dead one's pid is now another process's, which Postgres takes for a live server
 * (usual in containers, where pids repeat). Call it only when `findServerProcess` found none.
 */
export async function releasePidFile(cluster: string): Promise<void> {
  const text = await readPidFile(cluster);
  // The pid of the server's parent counts as stale; the rest still protects from survivors of the dead server.
  if (text !== '') await writeFile(pidFile(cluster), text.replace(/^-?\d+/, String(process.pid)));
}

/**
 * Stops the server, ending its sessions: fast, then without a checkpoint if that takes too long. Returns once the
 * process is gone, at once if it already is. Throws if it does not end.
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
  throw new Error(`The embedded Postgres (process ${pid}) does not stop. End it with: kill -QUIT ${pid}`);
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
