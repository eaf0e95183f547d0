import path from 'node:path';
import { builtFile } from '#server/config/built-file.ts';
import { appDir } from '#server/config/installation.ts';

const file = 'dist/suite/fetch.cjs';

/** The program that fetches suites from git in the sandbox (`sdk/cli/push/git/fetch-program.ts`). */
export function suiteFetcher(): string {
  const isBuilt = !import.meta.url.endsWith('.ts');
  return isBuilt
    ? path.join(appDir, file)
    : builtFile(file, 'scripts/build-suite-programs.js', [
        'sdk/cli/push',
        'sdk/cli/process',
        'sdk/cli/text',
        'sdk/reporter/ci',
        'shared',
        'scripts/build-suite-programs.js',
      ]);
}
