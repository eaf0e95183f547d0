import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ListedFile } from './artifact-store.ts';

/** All regular files below `dir`, with their path relative to it. Links and devices are left out. */
export async function listFiles(dir: string): Promise<ListedFile[]> {
  const found: ListedFile[] = [];
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(path.join(dir, relative), { withFileTypes: true })) {
      const file = path.posix.join(relative, entry.name);
      if (entry.isDirectory()) await visit(file);
      if (!entry.isFile()) continue;
      const { size, mtime } = await lstat(path.join(dir, file));
      found.push({ path: file, bytes: size, modifiedAt: mtime });
    }
  };
  await visit('');
  return found;
}
