import { bundleLimits } from '#shared/suites.ts';
import { AppError } from '#server/lib/errors.ts';

/** An entry of a tar, as `tar-stream` reads it. */
export interface ArchiveEntry {
  name: string;
  type?: string | null | undefined;
  mode?: number | undefined;
  size?: number | undefined;
  linkname?: string | null | undefined;
  /** Attributes that take the place of fields of the header. */
  pax?: Record<string, string> | null | undefined;
}

export interface ArchiveRules {
  /** Throws BAD_REQUEST, with the name of the entry, if a bundle may not have it, and PAYLOAD_TOO_LARGE beyond its limits. */
  add(entry: ArchiveEntry): void;
  /** Of the entries until now. */
  totals(): { unpackedBytes: number; files: number };
}

/** Attributes that every program reads in the same way. GNU's `sparse` ones change names and contents. */
const plainAttributes = new Set([
  'path',
  'linkpath',
  'size',
  'mtime',
  'atime',
  'ctime',
  'uid',
  'gid',
  'uname',
  'gname',
]);

/**
 * What a bundle may have: regular files and relative links that stay inside, each path once, nothing below a file or link.
 * So unpacking one cannot write outside of its folder, whatever program does it.
 */
export function createArchiveRules(): ArchiveRules {
  const entries = new Set<string>();
  const folders = new Set<string>();
  let unpackedBytes = 0;

  return {
    add(entry) {
      const { name, size = 0 } = entry;
      const problem =
        problemOfKind(entry) ??
        problemOfPath(name) ??
        (entry.type === 'symlink' ? problemOfLink(entry) : undefined) ??
        problemOfPlace(name);
      if (problem !== undefined)
        throw new AppError('BAD_REQUEST', `The bundle is refused: ${describe(name)} ${problem}.`);
      entries.add(name);
      for (const folder of foldersOf(name)) {
        if (folders.has(folder)) break;
        folders.add(folder);
      }
      unpackedBytes += size;
      const most = bundleLimits.files.toLocaleString('en');
      if (entries.size > bundleLimits.files || folders.size > bundleLimits.files)
        tooLarge(`more than ${most} ${entries.size > bundleLimits.files ? 'files' : 'folders'}`);
      if (unpackedBytes > bundleLimits.unpackedBytes)
        tooLarge(`more than ${bundleLimits.unpackedBytes / 1e6} MB of files`);
    },
    totals: () => ({ unpackedBytes, files: entries.size }),
  };

  function problemOfPlace(name: string): string | undefined {
    if (entries.has(name)) return 'is in it twice';
    if (folders.has(name)) return 'is a file and a folder';
    for (const folder of foldersOf(name)) {
      if (entries.has(folder)) return `is below ${describe(folder)}, which is no folder`;
      // The folders above it have been looked at before.
      if (folders.has(folder)) return undefined;
    }
    return undefined;
  }
}

function tooLarge(what: string): never {
  throw new AppError(
    'PAYLOAD_TOO_LARGE',
    `The bundle has ${what}. Leave out what the tests do not need, in .runlightignore.`,
  );
}

/** The folders in which a path is, the innermost first. */
function* foldersOf(name: string): Generator<string> {
  for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) yield name.slice(0, end);
}

const kinds: Record<string, string> = {
  link: 'is a hard link',
  directory: 'is a folder, and a bundle has files alone',
  fifo: 'is a named pipe',
  'character-device': 'is a device',
  'block-device': 'is a device',
};

function problemOfKind({ type, mode = 0, size = 0, pax }: ArchiveEntry): string | undefined {
  if (type !== 'file' && type !== 'symlink') return kinds[type ?? ''] ?? 'is neither a file nor a link';
  if (mode & ~0o777) return 'has special permissions (setuid, setgid or sticky)';
  if (!Number.isSafeInteger(size) || size < 0 || (type === 'symlink' && size > 0)) return 'has no sensible size';
  const unknown = Object.keys(pax ?? {}).find((key) => !plainAttributes.has(key));
  return unknown === undefined ? undefined : `has the attribute "${unknown.slice(0, 100)}", which is not understood`;
}

function problemOfPath(name: string): string | undefined {
  if (name.startsWith('/')) return 'is an absolute path';
  const names = name.split('/');
  if (names.includes('..')) return 'leads out of the bundle';
  if (names.includes('') || names.includes('.')) return 'is not the plain path of a file';
  return problemOfText(name);
}

function problemOfText(text: string): string | undefined {
  if (text.includes('\0') || text.includes('\uFFFD') || !text.isWellFormed()) return 'is not UTF-8 without NUL';
  const isTooLong =
    Buffer.byteLength(text) > bundleLimits.pathBytes || text.split('/').some((name) => Buffer.byteLength(name) > 255);
  return isTooLong ? `is longer than ${bundleLimits.pathBytes} bytes, or has a name longer than 255` : undefined;
}

/**
 * Links may go up, but not above the root, and then only down. One that goes down and up again could lead out, if what it
 * goes down through is a link, too.
 */
function problemOfLink({ name, linkname }: ArchiveEntry): string | undefined {
  const target = linkname ?? '';
  const to = `links to ${describe(target)}, which`;
  if (target === '' || target.startsWith('/')) return `${to} is not a relative path`;
  const names = target.split('/').filter((part) => part !== '.' && part !== '');
  const up = names.findIndex((part) => part !== '..');
  const ups = up === -1 ? names.length : up;
  if (ups > name.split('/').length - 1) return `${to} leads out of the bundle`;
  if (names.slice(ups).includes('..')) return `${to} goes down and up again`;
  const problem = problemOfText(target);
  return problem && `${to} ${problem}`;
}

/** Quoted, and with what terminals would not show as it is escaped. */
function describe(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text).replaceAll(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
