import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The name of a suite that is given none: that of the nearest package.json, or of the folder of its configuration. */
export function suiteNameOf(dir: string): string {
  return nameOfPackage(dir) || path.basename(dir) || 'suite';
}

/** The name in the nearest package.json that has one. */
function nameOfPackage(dir: string): string | undefined {
  for (let folder = path.resolve(dir); ; folder = path.dirname(folder)) {
    try {
      const { name } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name?: unknown };
      if (typeof name === 'string' && name !== '') return name;
    } catch {
      // There is none here, or it is not JSON.
    }
    if (folder === path.dirname(folder)) return undefined;
  }
}
