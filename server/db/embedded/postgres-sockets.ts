import { createHash } from 'node:crypto';
import { chown, lstat, mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { claimNameBytes } from './postgres-claim.ts';

/** Systems allow 103 (macOS) or 107 (Linux) bytes for the whole path of a unix socket. */
const maxSocketPathBytes = 100;

/**
 * The directory for the sockets of `dataDir`, which only `uid` can enter. It is inside `dataDir`, or in the temporary
 * directory, always under the same name, if the path would be too long for a socket. Throws if it is not private.
 */
export async function openSocketDirectory(dataDir: string, uid: number, tmpdir = os.tmpdir()): Promise<string> {
  const inside = path.join(dataDir, 'run');
  if (fits(inside)) return makePrivate(inside, uid);
  const name = `runlight-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  const inTmp = path.join(tmpdir, name);
  return makePrivate(fits(inTmp) ? inTmp : path.join('/tmp', name), uid);
}

function fits(directory: string): boolean {
  return Buffer.byteLength(directory) + 1 + claimNameBytes <= maxSocketPathBytes;
}

async function makePrivate(directory: string, uid: number): Promise<string> {
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(directory);
  const trusted = found.uid === uid || found.uid === process.getuid!();
  if (!found.isDirectory() || !trusted || (found.mode & 0o077) !== 0) {
    throw new Error(
      `${directory} is for the sockets of the embedded Postgres and must be a directory that belongs to ` +
        `user ${uid} with mode 0700. Remove it and start again.`,
    );
  }
  if (found.uid !== uid) await chown(directory, uid, found.gid);
  return directory;
}
