import { formatBytes } from '#client/ui/format.ts';
import { bundleLimits } from '#shared/suites.ts';
import { cleanLine } from '#shared/clean-text.ts';
import type { BundleFile } from './list-files.ts';
import { misuse } from './misuse.ts';

export type BundleLimits = Record<'bytes' | 'unpackedBytes' | 'files', number>;

/** Throws a `CliError` for more files, or larger ones, than a bundle may have, with what there is most of. */
export function checkLimits(files: readonly BundleFile[], limits: BundleLimits = bundleLimits): void {
  if (files.length > limits.files)
    throw tooMuch(
      `The suite has ${files.length.toLocaleString('en')} files, and a bundle has at most ${limits.files.toLocaleString('en')}.`,
      files,
      'files',
    );
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > limits.unpackedBytes)
    throw tooMuch(
      `The suite has ${formatBytes(bytes)}, and a bundle has at most ${formatBytes(limits.unpackedBytes)}.`,
      files,
      'bytes',
    );
}

/** Throws once the archive is larger than a bundle may be. */
export function checkArchive(bytes: number, files: readonly BundleFile[], limits: BundleLimits = bundleLimits): void {
  if (bytes > limits.bytes)
    throw tooMuch(`The suite has more than ${formatBytes(limits.bytes)}, compressed.`, files, 'bytes');
}

function tooMuch(what: string, files: readonly BundleFile[], by: 'files' | 'bytes') {
  const lines = largest(files, by).map(({ path, bytes, count }) => {
    const text = path.endsWith('/') ? `${formatBytes(bytes)}, ${count.toLocaleString('en')} files` : formatBytes(bytes);
    return `  ${cleanLine(path)}  (${text})`;
  });
  return misuse(
    `${what} The largest of them:\n${lines.join('\n')}\nLeave out what the tests do not need: name it in a file ` +
      '.runlightignore, which is written as .gitignore is.',
  );
}

interface Share {
  path: string;
  bytes: number;
  count: number;
}

/** A folder is named by its inner one if that has nearly all of it. */
const nearlyAll = 0.8;

/** The ten files or folders that have most of it. */
export function largest(files: readonly BundleFile[], by: 'files' | 'bytes'): Share[] {
  const size = by === 'files' ? ({ count }: Share) => count : ({ bytes }: Share) => bytes;
  const descend = (share: Share): Share => {
    if (!share.path.endsWith('/')) return share;
    const [first] = sharesIn(share.path).sort((a, b) => size(b) - size(a));
    return first && size(first) >= nearlyAll * size(share) ? descend(first) : share;
  };
  const sharesIn = (folder: string) => {
    const shares = new Map<string, Share>();
    for (const { path, size } of files) {
      if (!path.startsWith(folder)) continue;
      const end = path.indexOf('/', folder.length);
      const key = end === -1 ? path : path.slice(0, end + 1);
      const share = shares.get(key) ?? { path: key, bytes: 0, count: 0 };
      shares.set(key, { path: key, bytes: share.bytes + size, count: share.count + 1 });
    }
    return [...shares.values()];
  };
  return sharesIn('')
    .map(descend)
    .sort((a, b) => size(b) - size(a))
    .slice(0, 10);
}
