import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isRunning, processesOf, readProcessTable } from './process-table.ts';

/** Names the run in the environment of each of its processes. */
export const runMark = 'RUNLIGHT_RUN_ID';

/**
 * Kills every process that carries the run's mark, wherever it has moved: browsers and daemons leave the process group.
 * Linux only; elsewhere they end by themselves when Playwright is gone. Not needed in a sandbox.
 */
export async function killLeftovers(runId: string): Promise<void> {
  // A process may start another one while we look.
  for (let round = 0; round < 20; round++) {
    const pids = await findMarked(runId);
    if (pids.length === 0) return;
    for (const pid of pids) killQuietly(pid);
  }
}

/** Whoever is killed and still there after this, in ms, waits for the kernel and will not run any more. */
const killWaitMs = 30_000;
const pollMs = 20;
const killAllMs = 1_000;

/** Kills every process of a user at once, so that none can start another one meanwhile. Needs root. */
export function killUser(uid: number): Promise<void> {
  return untilGone(async () => {
    const processes = processesOf(uid, readProcessTable()).filter(({ hasEnded }) => !hasEnded);
    if (processes.length === 0) return true;
    // -1 is everyone that the caller may kill, but for itself. It runs as this user, who can stop it.
    const kill = ['setpriv', [`--reuid=${uid}`, '--clear-groups', '--', 'kill', '-KILL', '-1']] as const;
    await promisify(execFile)(...kill, { timeout: killAllMs, killSignal: 'SIGKILL' }).catch(() => {});
    for (const { pid } of processesOf(uid, readProcessTable())) killQuietly(pid);
    return false;
  });
}

/** Waits for the end of a process that has been killed. Of a pid namespace's first process, that is the end of all others. */
export function awaitEnd(pid: number): Promise<void> {
  return untilGone(() => !isRunning(pid));
}

async function untilGone(isGone: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + killWaitMs;
  while (!(await isGone()) && performance.now() < deadline) await delay(pollMs);
}

/** Sends SIGKILL; a negative pid names a process group. A process that is gone is no fault. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function findMarked(runId: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(
    pids.map(async (pid) => {
      // Empty for a zombie, unreadable for other users' processes.
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(`${runMark}=${runId}`);
    }),
  );
  return pids.filter((pid, index) => marked[index] && pid !== process.pid);
}
