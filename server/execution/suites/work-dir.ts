import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { runDirPrefix } from '#server/execution/playwright/run-dirs.ts';
import { type Sandbox, writableDirs } from '#server/execution/sandbox/sandbox.ts';

/**
 * Does work in a folder for programs of the sandbox, which is removed afterwards: `dir` if bubblewrap mounts it, else one in
 * the system's temporary folder, which the run's user can enter.
 */
export async function inWorkDir<T>(sandbox: Sandbox, dir: string, work: (workDir: string) => Promise<T>): Promise<T> {
  const workDir = sandbox.kind === 'bubblewrap' ? dir : await mkdtemp(path.join(os.tmpdir(), runDirPrefix()));
  try {
    for (const name of writableDirs) await mkdir(path.join(workDir, name), { recursive: true });
    return await work(workDir);
  } finally {
    await rm(workDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Moves a file or folder that no process uses. */
export async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error;
    // Links are copied as links.
    await promisify(execFile)('cp', ['-a', '--', from, to]);
  });
}

/** Files that programs read which use this environment. */
export function certificatesOf({ NODE_EXTRA_CA_CERTS }: Record<string, string>): string[] {
  return NODE_EXTRA_CA_CERTS === undefined ? [] : [NODE_EXTRA_CA_CERTS];
}
