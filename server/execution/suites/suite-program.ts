import path from 'node:path';
import { builtFile } from '#server/config/built-file.ts';
import { appDir } from '#server/config/installation.ts';

const script = 'scripts/build-suite-programs.js';

/** A file of ours that runs in the sandbox of a suite. From sources, it is built first if one of `sources` has changed. */
export function suiteProgram(file: string, sources: readonly string[]): string {
  const isBuilt = !import.meta.url.endsWith('.ts');
  return isBuilt ? path.join(appDir, file) : builtFile(file, script, [...sources, 'shared', script]);
}
