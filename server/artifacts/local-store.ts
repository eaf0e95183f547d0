import { createWriteStream } from 'node:fs';
import { chmod, copyFile, lchown, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { send } from '@fastify/send';
import { v4 as uuidv4 } from 'uuid';
import { type ArtifactStore, checkFolder, type FilePlace } from './artifact-store.ts';
import { listFiles } from './list-files.ts';

/** Where files and folders are that are not complete. */
const receivedName = '.received';

/** Stores each run's files in `<dir>/<runId>/`. Creates `dir` on first use. */
export function createLocalArtifactStore(options: { dir: string }): ArtifactStore {
  const root = path.resolve(options.dir);
  const receivedDir = path.join(root, receivedName);
  const folderOf = (folder: string) => path.join(root, checkFolder(folder));

  /** The absolute path of a stored file; undefined if there is none, or if the path leads out of its folder. */
  async function findFile({ folder, path: relative }: FilePlace): Promise<string | undefined> {
    if (relative.includes('\0') || path.isAbsolute(relative) || relative.split(/[\\/]/).includes('..'))
      return undefined;
    try {
      const dir = await realpath(folderOf(folder));
      const file = await realpath(path.join(dir, relative));
      const isInside = file.startsWith(`${dir}${path.sep}`) && (await stat(file)).isFile();
      return isInside ? file : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    kind: 'local',
    signedOrigin: undefined,

    async put(runId, sourceDir) {
      const finalDir = folderOf(runId);
      const partDir = path.join(receivedDir, uuidv4());
      await mkdir(partDir, { recursive: true });
      try {
        for (const file of await listFiles(sourceDir)) {
          const target = path.join(partDir, file.path);
          await mkdir(path.dirname(target), { recursive: true });
          await move(path.join(sourceDir, file.path), target);
          await takeOwnership(target);
        }
        await rm(finalDir, { recursive: true, force: true });
        await rename(partDir, finalDir);
      } finally {
        await rm(partDir, { recursive: true, force: true });
      }
    },

    async receive(place, content, signal) {
      const target = path.join(folderOf(place.folder), place.path);
      await mkdir(receivedDir, { recursive: true });
      const file = path.join(receivedDir, uuidv4());
      try {
        await pipeline(content, createWriteStream(file, { flags: 'wx', mode: 0o644 }), { signal });
        const { size } = await stat(file);
        return {
          bytes: size,
          async keep() {
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

    async size(place) {
      const file = await findFile(place);
      return file === undefined ? undefined : (await stat(file)).size;
    },

    async read(place, { method = 'GET', headers = {} } = {}) {
      const file = await findFile(place);
      if (file === undefined) return undefined;
      const answer = await send({ method, headers } as IncomingMessage, encodeURIComponent(path.basename(file)), {
        root: path.dirname(file),
        dotfiles: 'allow',
        contentType: false,
        cacheControl: false,
      });
      if (answer.statusCode === 404) return undefined;
      const hasContent = method === 'GET' && [200, 206].includes(answer.statusCode);
      if (!hasContent) answer.stream.destroy();
      return {
        status: answer.statusCode,
        headers: Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
        ),
        content: hasContent ? answer.stream : undefined,
      };
    },

    async onDisk(place) {
      const file = await findFile(place);
      return file === undefined ? undefined : { file, [Symbol.asyncDispose]: async () => {} };
    },

    signedUrl: async () => undefined,
    address: () => null,

    async *folders() {
      for (const entry of await readdir(root, { withFileTypes: true }).catch(() => []))
        if (entry.isDirectory() && /^[\w-]+$/.test(entry.name)) yield entry.name;
    },

    async *files(folder) {
      yield* await listFiles(folderOf(folder)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
    },

    async delete(runId) {
      await rm(folderOf(runId), { recursive: true, force: true });
    },

    async deleteFile(place) {
      const file = await findFile(place);
      if (file !== undefined) await rm(file, { force: true });
    },

    async removeLeftovers(olderThanMs) {
      const names = await readdir(receivedDir).catch(() => []);
      for (const name of names) {
        const file = path.join(receivedDir, name);
        const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
        if (mtimeMs < Date.now() - olderThanMs) await rm(file, { recursive: true, force: true });
      }
    },

    async ping() {
      await mkdir(root, { recursive: true });
    },

    [Symbol.dispose]() {},
  };
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
