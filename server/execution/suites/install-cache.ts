import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { exists } from '#server/lib/exists.ts';
import { lockFile } from './file-lock.ts';

const description = z.object({
  /** Relative to the bundle's root; parents first. */
  folders: z.array(z.string()),
  packages: z.number(),
  bytes: z.number(),
});
export type InstallDescription = z.infer<typeof description>;

/** An install that is neither removed nor changed until it is disposed of. */
export interface HeldInstall extends InstallDescription, Disposable {
  /** Contains the folders in `folders/`. */
  dir: string;
  /** Archive of what scripts of the suite have made besides packages. */
  madeFile: string | undefined;
}

/** Names of unfinished folders begin with a dot and the kind, then comes the key. */
const partial = /^\.[a-z]+-([0-9a-f]+)-/;

/**
 * Installs by key, in a folder of this machine that several workers may share. An entry is complete or does not exist. One worker
 * at a time makes it. It is removed only while it is not in use, and made again when its description cannot be read, such as after
 * a power failure.
 */
export class InstallCache {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #mode: number;

  /** By default, only this user can enter the folder. */
  constructor(dir: string, maxBytes: number, { mode = 0o700 } = {}) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
    this.#mode = mode;
  }

  /**
   * The install of this key. If there is none, `make` fills an empty folder that is named as unfinished; others that need the key
   * wait meanwhile.
   */
  async hold(
    key: string,
    signal: AbortSignal,
    make: (dir: string) => Promise<InstallDescription>,
  ): Promise<HeldInstall> {
    await mkdir(this.#dir, { recursive: true, mode: this.#mode });
    for (;;) {
      const found = await this.#find(key, signal);
      if (found) return found;
      using _ = await lockFile(this.#lockOf(key), 'exclusive', { signal });
      await this.#removePartial(key);
      if (await this.#describe(key)) continue;
      if (await exists(path.join(this.#dir, key))) await this.#remove(key);
      const dir = this.#partialOf('making', key);
      try {
        await mkdir(path.join(dir, 'folders'), { recursive: true, mode: this.#mode });
        const made = await make(dir);
        await writeFile(path.join(dir, 'install.json'), JSON.stringify(made));
        await rename(dir, path.join(this.#dir, key));
      } finally {
        await remove(dir);
      }
      await this.#removeOldest(key);
    }
  }

  /** A path beside the entries, for the process that makes the entry. Folders of killed processes are removed later. */
  workDirOf(key: string): string {
    return this.#partialOf('work', key);
  }

  async #find(key: string, signal: AbortSignal): Promise<HeldInstall | undefined> {
    const dir = path.join(this.#dir, key);
    if (!(await exists(dir))) return undefined;
    const lock = await lockFile(this.#lockOf(key), 'shared', { signal });
    const now = new Date();
    const madeFile = path.join(dir, 'made.tar');
    try {
      const described = await this.#describe(key);
      if (!described) {
        lock?.[Symbol.dispose]();
        return undefined;
      }
      await utimes(dir, now, now);
      return {
        ...described,
        dir,
        madeFile: (await exists(madeFile)) ? madeFile : undefined,
        [Symbol.dispose]: () => lock?.[Symbol.dispose](),
      };
    } catch (error) {
      lock?.[Symbol.dispose]();
      throw error;
    }
  }

  /** Removes the entries that were used longest ago until the others fit, but no entry that is in use. */
  async #removeOldest(newest: string): Promise<void> {
    const names = await readdir(this.#dir);
    for (const key of new Set(names.flatMap((name) => partial.exec(name)?.[1] ?? []))) {
      if (key === newest) continue;
      using lock = await lockFile(this.#lockOf(key), 'exclusive', { isTried: true });
      if (lock) await this.#removePartial(key);
    }
    const keys = names.filter((name) => /^[0-9a-f]+$/.test(name));
    const entries = await Promise.all(keys.map((key) => this.#usageOf(key)));
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of entries.sort((a, b) => a.usedAt - b.usedAt)) {
      if (bytes <= this.#maxBytes) return;
      if (entry.key === newest) continue;
      using lock = await lockFile(this.#lockOf(entry.key), 'exclusive', { isTried: true });
      if (!lock) continue;
      await this.#remove(entry.key);
      bytes -= entry.bytes;
    }
  }

  /** Undefined if there is no complete entry of this key. */
  async #describe(key: string): Promise<InstallDescription | undefined> {
    try {
      return description.parse(JSON.parse(await readFile(path.join(this.#dir, key, 'install.json'), 'utf8')));
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isMissing || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }

  /** Needs the exclusive lock of the entry. The entry is moved away first, so that half of it is never taken for the whole. */
  async #remove(key: string): Promise<void> {
    const removed = this.#partialOf('removed', key);
    await rename(path.join(this.#dir, key), removed);
    await remove(removed);
  }

  async #usageOf(key: string): Promise<{ key: string; bytes: number; usedAt: number }> {
    try {
      const { bytes = 0 } = (await this.#describe(key)) ?? {};
      return { key, bytes, usedAt: (await stat(path.join(this.#dir, key))).mtimeMs };
    } catch {
      // Removed meanwhile by another worker.
      return { key, bytes: 0, usedAt: Infinity };
    }
  }

  async #removePartial(key: string): Promise<void> {
    for (const name of await readdir(this.#dir))
      if (partial.exec(name)?.[1] === key) await remove(path.join(this.#dir, name));
  }

  #partialOf(what: string, key: string): string {
    return path.join(this.#dir, `.${what}-${key}-${randomUUID().slice(0, 8)}`);
  }

  #lockOf(key: string): string {
    return path.join(this.#dir, `${key}.lock`);
  }
}

/** Removes a folder in a process of its own: a large tree would keep this one busy. */
async function remove(dir: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', dir]);
}
