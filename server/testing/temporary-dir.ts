import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A folder that is removed with all that is in it when it is disposed of. */
export async function temporaryDir(prefix = 'runlight-test-') {
  const dir = await mkdtemp(path.join(os.tmpdir(), prefix));
  // An included PostgreSQL writes until it notices that its Runlight was killed.
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true, maxRetries: 10 }) };
}
