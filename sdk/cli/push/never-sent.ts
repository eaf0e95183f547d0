/** What no bundle has, in whatever folder: what is installed, results and history. */
const folders = new Set(['node_modules', '.git', 'test-results', 'playwright-report', 'blob-report']);

/** A file or folder that is not in the bundle. */
export interface LeftOut {
  /** Relative to the root, with forward slashes; that of a folder ends with one. */
  path: string;
  why: string;
}

/** The file, or the outermost of its folders that is in no bundle; undefined: it may be. That of a folder ends with a slash. */
export function neverSent(path: string): LeftOut | undefined {
  const names = path.split('/');
  for (const [index, name] of names.entries()) {
    const why = reasonOf(name);
    if (why) return { path: names.slice(0, index + 1).join('/') + (index < names.length - 1 ? '/' : ''), why };
  }
  return undefined;
}

function reasonOf(name: string): string | undefined {
  if (name.startsWith('.env') && name !== '.env.example') return 'may have secrets: use variables of the project';
  return folders.has(name) ? 'never sent' : undefined;
}
