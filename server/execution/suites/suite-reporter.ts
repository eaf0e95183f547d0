import path from 'node:path';
import { builtFile } from '#server/config/built-file.ts';
import { appDir } from '#server/config/installation.ts';

const file = 'dist/suite/node_modules/runlight-reporter.cjs';

/**
 * The file of the reporter for suites that this worker runs (`PW_TEST_REPORTER`): alone, for any Playwright since 1.42. It must stay
 * below a folder of the name `node_modules`, since Playwright would compile it elsewhere.
 */
export function suiteReporter(): string {
  const isBuilt = !import.meta.url.endsWith('.ts');
  return isBuilt
    ? path.join(appDir, file)
    : builtFile(file, 'scripts/build-suite-programs.js', [
        'sdk/reporter',
        'sdk/live',
        'shared',
        'scripts/build-suite-programs.js',
      ]);
}
