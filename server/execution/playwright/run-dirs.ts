import { readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** The prefix of names of temporary folders of runs. It contains the process that owns the folder. */
export function runDirPrefix(pid = process.pid): string {
  return `runlight-run-${pid}-`;
}

/** Removes the folders of processes that have ended. Folders that cannot be removed stay. */
export async function removeAbandonedRunDirs(): Promise<void> {
  const names = await readdir(os.tmpdir()).catch(() => []);
  for (const name of names) {
    const pid = Number(/^runlight-run-(\d+)-/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) await rm(path.join(os.tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
