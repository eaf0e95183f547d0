import { readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** What the name of a run's temporary folder begins with: it says which process it belongs to. */
export function runDirPrefix(pid = process.pid): string {
  return `runlight-run-${pid}-`;
}

/** Removes the folders of processes that are gone; what cannot be removed stays. */
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
    // Somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
