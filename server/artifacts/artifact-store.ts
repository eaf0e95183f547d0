import { createWriteStream } from 'node:fs';
import { chmod, copyFile, lchown, lstat, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { v4 as uuidv4 } from 'uuid';

/** A file that was received and has no name yet. Disposing removes it unless it has got one. */
export interface ReceivedFile extends AsyncDisposable {
  bytes: number;
  /**
   * Gives the file its name in the folder of a run, in place of one that has it. Rejects with ENOTDIR, EEXIST or EISDIR if
   * a folder or a file is in the way.
   */
  moveTo(runId: string, relativePath: string): Promise<void>;
}

/** Stores the files of runs, and under names of their own what else is to be kept as files. */
export interface ArtifactStore {
  /**
   * Moves the regular files of a folder into the store, under their relative paths: all of them, or none if it rejects. Links,
   * which a hostile script may have made, are left in the folder.
   */
  put(runId: string, sourceDir: string): Promise<void>;
  /**
   * Writes a stream into a file outside of all runs. Rejects, with nothing left behind, if the stream breaks or the disk
   * is full.
   */
  receive(content: Readable, signal: AbortSignal): Promise<ReceivedFile>;
  /** Size of a stored file; undefined if there is none. */
  size(runId: string, relativePath: string): Promise<number | undefined>;
  /** Removes received files without a name that are older: a process was killed meanwhile. */
  removeLeftovers(olderThanMs: number): Promise<void>;
  /** The absolute path of a stored file; undefined if there is none, or if the path leads out of the run's folder. */
  path(runId: string, relativePath: string): Promise<string | undefined>;
  /** Idempotent. */
  delete(runId: string): Promise<void>;
  /** Removes one file. Idempotent. */
  deleteFile(runId: string, relativePath: string): Promise<void>;
}

/** Stores each run's files in `<dir>/<runId>/`. Creates `dir` on first use. */
export function createLocalArtifactStore(options: { dir: string }): ArtifactStore {
  const root = path.resolve(options.dir);
  const receivedDir = path.join(root, '.received');

  async function findFile(runId: string, relativePath: string): Promise<string | undefined> {
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
  }

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

    async receive(content, signal) {
      await mkdir(receivedDir, { recursive: true });
      const file = path.join(receivedDir, uuidv4());
      try {
        await pipeline(content, createWriteStream(file, { flags: 'wx', mode: 0o644 }), { signal });
        const { size } = await stat(file);
        return {
          bytes: size,
          async moveTo(runId, relativePath) {
            const target = path.join(folderOf(root, runId), relativePath);
            await mkdir(path.dirname(target), { recursive: true });
            await rename(file, target);
          },
          [Symbol.asyncDispose]: () => rm(file, { force: true }),
        };
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
    },

    async size(runId, relativePath) {
      const file = await findFile(runId, relativePath);
      return file === undefined ? undefined : (await stat(file)).size;
    },

    async removeLeftovers(olderThanMs) {
      const names = await readdir(receivedDir).catch(() => []);
      for (const name of names) {
        const file = path.join(receivedDir, name);
        const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
        if (mtimeMs < Date.now() - olderThanMs) await rm(file, { force: true });
      }
    },

    path: findFile,

    async delete(runId) {
      await rm(folderOf(root, runId), { recursive: true, force: true });
    },

    async deleteFile(runId, relativePath) {
      const file = await findFile(runId, relativePath);
      if (file !== undefined) await rm(file, { force: true });
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
