import ignore from 'ignore';

/** The rules of `.gitignore` files, or of `.runlightignore` files, of a tree of folders. */
export class IgnoreRules {
  readonly #rules = ignore({ ignoreCase: false });

  /** These rules, and those of a file in `folder`, which is relative to the root. Inner folders come after outer ones. */
  with(folder: string, text: string): IgnoreRules {
    const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
    const more = new IgnoreRules();
    more.#rules.add(this.#rules).add(folder === '' ? lines : lines.map((line) => placed(folder, line)));
    return more;
  }

  /** `path` is relative to the root; that of a folder ends with a slash. */
  ignores(path: string): boolean {
    return this.#rules.ignores(path);
  }
}

/** The rule as it reads in the root: without a slash before its end, it is of any folder below its own. */
function placed(folder: string, line: string): string {
  const rule = line.replace(/(\\ )? *$/, '$1');
  if (rule === '' || rule.startsWith('#')) return '';
  const [not, pattern] = rule.startsWith('!') ? ['!', rule.slice(1)] : ['', rule];
  const isAnchored = pattern.slice(0, -1).includes('/');
  const place = `/${folder.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}/`;
  return `${not}${place}${isAnchored ? pattern.replace(/^\//, '') : `**/${pattern}`}`;
}
