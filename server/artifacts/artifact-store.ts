import { chmod, copyFile, lchown, lstat, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Stores the files of runs that have ended. */
export interface ArtifactStore {
  /**
   * Moves the regular files of a folder into the store, under their relative paths: all of them, or none if it rejects. Links,
   * which a hostile script may have made, are left in the folder.
   */
  put(runId: string, sourceDir: string): Promise<void>;
  /** The absolute path of a stored file; undefined if there is none, or if the path leads out of the run's folder. */
  path(runId: string, relativePath: string): Promise<string | undefined>;
  /** Idempotent. */
  delete(runId: string): Promise<void>;
}

/** Stores each run's files in `<dir>/<runId>/`. Creates `dir` on first use. */
export function createLocalArtifactStore(options: { dir: string }): ArtifactStore {
  const root = path.resolve(options.dir);
  return {
    async put(runId, sourceDir) {
      const finalDir = folderOf(root, runId);
      const partDir = `${finalDir}.part`;
      await rm(partDir, { recursive: true, force: true });
      await mkdir(partDir, { recursive: true });
      for (const file of await listFiles(sourceDir)) {
        const target = path.join(partDir, file.path);
        await mkdir(path.dirname(target), { recursive: true });
        await move(path.join(sourceDir, file.path), target);
        await takeOwnership(target);
      }
      await rm(finalDir, { recursive: true, force: true });
      await rename(partDir, finalDir);
    },

    async path(runId, relativePath) {
      if (relativePath.includes('\0') || path.isAbsolute(relativePath) || relativePath.split(/[\\/]/).includes('..'))
        return undefined;
      try {
        const dir = await realpath(folderOf(root, runId));
        const file = await realpath(path.join(dir, relativePath));
        const isInside = file.startsWith(`${dir}${path.sep}`) && (await stat(file)).isFile();
        return isInside ? file : undefined;
      } catch {
        return undefined;
      }
    },

    async delete(runId) {
      await rm(folderOf(root, runId), { recursive: true, force: true });
    },
  };
}

/** All regular files below `dir`, with their size and their path relative to it. Links and devices are left out. */
export async function listFiles(dir: string): Promise<{ path: string; bytes: number }[]> {
  const found: { path: string; bytes: number }[] = [];
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(path.join(dir, relative), { withFileTypes: true })) {
      const file = path.posix.join(relative, entry.name);
      if (entry.isDirectory()) await visit(file);
      else if (entry.isFile()) found.push({ path: file, bytes: (await lstat(path.join(dir, file))).size });
    }
  };
  await visit('');
  return found;
}

function folderOf(root: string, runId: string): string {
  if (!/^[\w-]+$/.test(runId)) throw new Error(`not the id of a run: ${JSON.stringify(runId)}`);
  return path.join(root, runId);
}

/** A later run can get the same user, which must not own these files. */
async function takeOwnership(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  await lchown(file, 0, 0);
  await chmod(file, 0o644);
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyFile(from, to);
  }
}
