import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import { runDirPrefix } from '#server/execution/playwright/run-dirs.ts';

/** Does work in a new folder for a run, which is removed afterwards. A folder that cannot be removed is logged. */
export async function inRunDir<T>(logger: Logger, work: (runDir: string) => Promise<T>): Promise<T> {
  const runDir = await mkdtemp(path.join(os.tmpdir(), runDirPrefix()));
  try {
    return await work(runDir);
  } finally {
    await rm(runDir, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      logger.warn({ err: error, runDir }, 'could not remove a temporary folder');
    });
  }
}
