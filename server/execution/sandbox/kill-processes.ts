import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isRunning, processesOf } from './process-table.ts';

/** An environment variable of all processes of a run: the run's id. */
export const runIdVariable = 'RUNLIGHT_RUN_ID';

/**
 * Kills all processes with the run's id in their environment, also those that have left the process group, as browsers and
 * daemons do. Linux only; elsewhere they end by themselves after Playwright. Not needed in a sandbox.
 */
export async function killProcessesOfRun(runId: string): Promise<void> {
  // A process may start another one between the search and its end.
  for (let round = 0; round < 20; round++) {
    const pids = await findProcessesOfRun(runId);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
  }
}

/** A killed process that exists after this time, in ms, waits in the kernel and will not run any more. */
const killWaitMs = 30_000;
const pollMs = 20;
const killAllMs = 1_000;

/** Kills all processes of a user at once, so that none can start another one meanwhile. Needs root. */
export function killUser(uid: number): Promise<void> {
  return until(async () => {
    const processes = processesOf(uid).filter(({ hasEnded }) => !hasEnded);
    if (processes.length === 0) return true;
    // -1: all processes that the caller may kill. The command runs as this user, so processes of the user can stop it.
    const command = ['setpriv', [`--reuid=${uid}`, '--clear-groups', '--', 'kill', '-KILL', '-1']] as const;
    await promisify(execFile)(...command, { timeout: killAllMs, killSignal: 'SIGKILL' }).catch(() => {});
    for (const { pid } of processesOf(uid)) kill(pid);
    return false;
  });
}

/** Waits for the end of a killed process. The first process of a PID namespace ends after all others in it. */
export function awaitEnd(pid: number): Promise<void> {
  return until(() => !isRunning(pid));
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + killWaitMs;
  while (!(await isDone()) && performance.now() < deadline) await delay(pollMs);
}

/** Kills a process if it exists. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills all processes of a process group, if there are any. */
export function killProcessGroup(id: number): void {
  kill(-id);
}

async function findProcessesOfRun(runId: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const isOfRun = await Promise.all(
    pids.map(async (pid) => {
      // Empty for a zombie, unreadable for processes of other users.
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(`${runIdVariable}=${runId}`);
    }),
  );
  return pids.filter((pid, index) => isOfRun[index] && pid !== process.pid);
}
