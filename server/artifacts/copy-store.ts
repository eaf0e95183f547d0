import type { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { AppError } from '#server/lib/errors.ts';
import type { ArtifactStore, ListedFile } from './artifact-store.ts';

/** Files at once. */
const copiesAtOnce = 8;

export interface CopyProgress {
  /** Folders that are done: one for each run, and that of the bundles. */
  folders: number;
  copied: number;
  /** Of what was copied. */
  bytes: number;
  /** Files that the target had already. */
  present: number;
  failed: number;
}

export interface CopyOptions {
  signal: AbortSignal;
  onProgress(progress: CopyProgress): void;
  /** For a file that the target does not take. */
  onFailure(file: string, error: unknown): void;
}

/**
 * Copies what the other store does not have yet, so that it can be interrupted and called again. Removes nothing. Rejects if a
 * store cannot be used any more, and with the reason of the signal.
 */
export async function copyStore(
  from: ArtifactStore,
  to: ArtifactStore,
  { signal, onProgress, onFailure }: CopyOptions,
): Promise<CopyProgress> {
  const progress: CopyProgress = { folders: 0, copied: 0, bytes: 0, present: 0, failed: 0 };
  const slots = pLimit(copiesAtOnce);

  async function copyOne(folder: string, { path, bytes }: ListedFile): Promise<void> {
    signal.throwIfAborted();
    let content: Readable | undefined;
    try {
      content = (await from.read({ folder, path }))?.content;
      // It was removed meanwhile.
      if (!content) return;
      await using received = await to.receive({ folder, path }, content, signal);
      await received.keep();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError && error.code === 'SERVICE_UNAVAILABLE') throw error.cause ?? error;
      progress.failed += 1;
      return onFailure(`${folder}/${path}`, error);
    } finally {
      // A store that cannot have the file has not read it.
      content?.destroy();
    }
    progress.copied += 1;
    progress.bytes += bytes;
    onProgress(progress);
  }

  for await (const folder of from.folders()) {
    const there = new Map<string, ListedFile>();
    for await (const file of to.files(folder)) there.set(file.path, file);
    const missing: ListedFile[] = [];
    for await (const file of from.files(folder)) {
      if (isCopy(there.get(file.path), file)) progress.present += 1;
      else missing.push(file);
    }
    await slots.map(missing, (file) => copyOne(folder, file));
    progress.folders += 1;
    onProgress(progress);
  }
  return progress;
}

/** A file that was replaced since it was copied is copied again. Services say times in seconds, some rounded up. */
function isCopy(copy: ListedFile | undefined, file: ListedFile): boolean {
  return copy?.bytes === file.bytes && copy.modifiedAt.getTime() >= file.modifiedAt.getTime() - 1_000;
}
