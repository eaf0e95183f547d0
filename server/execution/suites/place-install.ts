import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Mount, prepareMountPoint } from '#server/execution/sandbox/mount.ts';
import type { Sandbox } from '#server/execution/sandbox/sandbox.ts';
import type { HeldInstall } from './install-cache.ts';

/** Folders in `node_modules` that tools fill while they run. */
export const writableFolders = ['.cache', '.vite', '.vite-temp'];
/** A workspace has a `node_modules` in each package; only the first ones get writable folders. */
const mostWritable = 4;

/**
 * Puts packages into the suite of a run while the run has no process. bubblewrap mounts them read-only; elsewhere the run gets a
 * copy, so that it cannot change the packages of others.
 */
export async function placeInstall(install: HeldInstall, runDir: string, sandbox: Sandbox): Promise<Mount[]> {
  const places = install.folders.map((folder) => ({
    from: path.join(install.dir, 'folders', folder),
    to: path.posix.join('home/suite', folder),
  }));
  if (sandbox.kind === 'bubblewrap')
    return places.flatMap((place, index) => [
      place,
      ...(index < mostWritable ? writableFolders : []).map((name) => ({
        from: path.join(runDir, 'home/.runlight', name),
        to: `${place.to}/${name}`,
        isWritable: true,
      })),
    ]);
  for (const { from, to } of places) {
    prepareMountPoint(runDir, path.posix.dirname(to));
    await promisify(execFile)('cp', ['-a', '--reflink=auto', '--', from, path.join(runDir, to)]);
    // The copy does not belong to the run's user. Only that user can enter the folder around it, so it may be open to all.
    for (const name of writableFolders) await openToAll(path.join(runDir, to, name));
  }
  return [];
}

/** Fails for a link: scripts of packages may have left one. */
async function openToAll(dir: string): Promise<void> {
  await using handle = await open(dir, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  await handle.chmod(0o777);
}
