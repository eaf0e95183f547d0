import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import type { BundleFile } from './list-files.ts';
import { misuse, quoted } from './misuse.ts';

/** What a bundle is made of. */
export interface TarSource {
  root: string;
  files: readonly BundleFile[];
  /** Called for each file that was read. */
  onFile?: (() => void) | undefined;
}

/** Read at once. */
const blockBytes = 1_000_000;

/** SHA-256 of the tar: the same for the same files, wherever they are. Throws if a file cannot be read, or changes. */
export async function hashTar(source: TarSource): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createTar(source)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Writes the tar with gzip into a file. `onBytes` is called with the bytes so far, and may throw. */
export async function compressTar(
  source: TarSource,
  file: FileHandle,
  { hash: expected, onBytes }: { hash: string; onBytes(bytes: number): void },
): Promise<{ bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    createTar(source),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createGzip(),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        onBytes(bytes);
        await file.appendFile(chunk);
      }
    },
  );
  if (hash.digest('hex') !== expected)
    throw misuse('Files changed while they were packed. Run the command again once nothing writes to them.');
  return { bytes };
}

/** Nothing in it depends on the machine: no times, users or folders, and the files in their order. */
export function createTar(source: TarSource): Readable {
  const tar = pack();
  fill(tar, source).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return Readable.from(tar as AsyncIterable<Buffer>, { objectMode: false });
}

async function fill(tar: Pack, { root, files, onFile }: TarSource): Promise<void> {
  for (const file of files) {
    await add(tar, root, file);
    onFile?.();
  }
}

async function add(tar: Pack, root: string, file: BundleFile): Promise<void> {
  const head = { name: file.path, mtime: new Date(0), uid: 0, gid: 0, mode: file.isExecutable ? 0o755 : 0o644 };
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (file.linkTo !== undefined) {
      tar.entry({ ...head, type: 'symlink', linkname: file.linkTo }, done);
      return;
    }
    const entry = tar.entry({ ...head, type: 'file', size: file.size }, done);
    // `done` gets the error, too.
    entry.on('error', () => {});
    copy(path.join(root, file.path), file, entry).then(
      () => entry.end(undefined),
      (error: Error) => entry.destroy(error),
    );
  });
}

/** Reads in blocks, without waiting: for thousands of small files, that is many times as fast. */
async function copy(absolute: string, file: BundleFile, to: NodeJS.WritableStream): Promise<void> {
  const descriptor = open(absolute, file);
  try {
    checkUnchanged(descriptor, file);
    for (let at = 0; at < file.size;) {
      const block = Buffer.allocUnsafe(Math.min(blockBytes, file.size - at));
      const bytes = readSync(descriptor, block, 0, block.length, at);
      if (bytes === 0) throw changed(file);
      at += bytes;
      if (!to.write(block.subarray(0, bytes)) && at < file.size) await once(to, 'drain');
    }
    checkUnchanged(descriptor, file);
  } finally {
    closeSync(descriptor);
  }
}

function open(absolute: string, file: BundleFile): number {
  try {
    return openSync(absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP') throw changed(file);
    throw misuse(`${quoted(file.path)} cannot be read: ${message}`);
  }
}

function checkUnchanged(descriptor: number, file: BundleFile): void {
  const { size, mtimeMs } = fstatSync(descriptor);
  if (size !== file.size || mtimeMs !== file.mtimeMs) throw changed(file);
}

const changed = (file: BundleFile) =>
  misuse(
    `${quoted(file.path)} changed while it was packed. Run the command again once nothing writes to it, or leave it out ` +
      'through .runlightignore.',
  );
