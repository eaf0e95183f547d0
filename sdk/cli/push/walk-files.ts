import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeName } from './decode-name.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { misuse, quoted } from './misuse.ts';
import { type LeftOut, neverSent } from './never-sent.ts';

interface Walked {
  /** Relative to the root, with forward slashes. */
  found: string[];
  leftOut: LeftOut[];
}

/** All files below `root` that no `.gitignore` in or below `top` leaves out. */
export function walkFiles(root: string, top: string): Walked {
  const withRulesOf = (folder: string, rules: IgnoreRules) => {
    const file = path.join(top, folder, '.gitignore');
    return existsSync(file) ? rules.with(folder, readFileSync(file, 'utf8')) : rules;
  };
  const inTop = path.relative(top, root).replaceAll(path.sep, '/');
  const above = inTop.split('/').filter(Boolean);
  const outer = above
    .map((_name, index) => above.slice(0, index).join('/'))
    .reduce((rules, folder) => withRulesOf(folder, rules), new IgnoreRules());

  const walked: Walked = { found: [], leftOut: [] };
  const visit = (folder: string, outerRules: IgnoreRules) => {
    const rules = withRulesOf([inTop, folder].filter(Boolean).join('/'), outerRules);
    for (const entry of read(path.join(root, folder), folder)) {
      const file = path.posix.join(folder, decodeName(entry.name));
      const shown = entry.isDirectory() ? `${file}/` : file;
      const isIgnored = () => rules.ignores(path.posix.join(inTop, shown));
      const left = neverSent(shown) ?? (isIgnored() ? { path: shown, why: '.gitignore' } : undefined);
      if (left) walked.leftOut.push(left);
      else if (entry.isDirectory()) visit(file, rules);
      else walked.found.push(file);
    }
  };
  visit('', outer);
  return walked;
}

function read(dir: string, folder: string) {
  try {
    return readdirSync(dir, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    throw misuse(`The folder ${quoted(folder)} cannot be read: ${(error as Error).message}`);
  }
}
