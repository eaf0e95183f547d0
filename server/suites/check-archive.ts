import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { bundleLimits } from '#shared/suites.ts';
import { AppError, errorMessage } from '#server/lib/errors.ts';
import { type ArchiveEntry, createArchiveRules } from './archive-rules.ts';

export interface ArchiveCheck extends Disposable {
  /** Resolves when the chunk has been looked at. Rejects as soon as something is wrong. */
  add(chunk: Buffer): Promise<void>;
  /** Call after the last chunk. Rejects unless the archive is whole, and is what it is said to be. */
  end(): Promise<void>;
  /** Of the entries until now. */
  totals(): { unpackedBytes: number; files: number };
}

/** Of the tar: its files, and for each a header, its longest attributes and padding. */
const mostTarBytes = bundleLimits.unpackedBytes + bundleLimits.files * 6_144;

/**
 * Looks at a bundle while it arrives: that it is the gzip of a tar with this hash, and has only what a bundle may have.
 * Throws BAD_REQUEST and PAYLOAD_TOO_LARGE. Memory does not grow with the size of files.
 */
export function createArchiveCheck(hash: string): ArchiveCheck {
  const rules = createArchiveRules();
  const digest = createHash('sha256');
  const gunzip = createGunzip();
  const unpack = extract();
  let tarBytes = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tarBytes += chunk.length;
      digest.update(chunk);
      if (tarBytes > mostTarBytes)
        return done(new AppError('PAYLOAD_TOO_LARGE', `The bundle has more than ${mostTarBytes / 1e6} MB unpacked.`));
      done(null, chunk);
    },
  });
  unpack.on('entry', (header, content, next) => {
    content.on('error', () => {});
    try {
      rules.add(header as ArchiveEntry);
      content.on('end', next).resume();
    } catch (error) {
      next(error as Error);
    }
  });
  // Streams that `pipeline` ends emit its error once more.
  for (const stream of [gunzip, measured, unpack]) stream.on('error', () => {});
  let isDone = false;
  const done = pipeline(gunzip, measured, unpack).then(
    () => void (isDone = true),
    (error: unknown) => {
      throw toRefusal(error);
    },
  );
  // Its caller hears of it at the next chunk.
  done.catch(() => {});

  return {
    async add(chunk) {
      if (isDone) throw new AppError('BAD_REQUEST', 'The bundle is refused: there is more after the end of its gzip.');
      const written = new Promise<void>((resolve) => gunzip.write(chunk, () => resolve()));
      await Promise.race([written, done]);
      // A stream that has failed still answers the write.
      if (gunzip.destroyed) await done;
    },
    async end() {
      gunzip.end();
      await done;
      const found = digest.digest('hex');
      if (found !== hash)
        throw new AppError('BAD_REQUEST', `The bundle is refused: the SHA-256 of its tar is ${found}, not ${hash}.`);
      if (rules.totals().files === 0) throw new AppError('BAD_REQUEST', 'The bundle is refused: it has no files.');
    },
    totals: rules.totals,
    [Symbol.dispose]: () => void gunzip.destroy(),
  };
}

/** Errors of zlib and of the tar are those of who made the bundle. */
function toRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError(
    'BAD_REQUEST',
    `The bundle is refused: it is no gzip of a tar, or not all of it: ${errorMessage(error)}.`,
  );
}
