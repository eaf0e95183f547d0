import { builtFile } from '#server/config/built-file.ts';
import { version } from '#server/config/installation.ts';

/** The file of the npm package, as the server serves it; built first if its sources have changed since. */
export function builtPackage(): string {
  const sources = ['sdk', 'server', 'shared', 'scripts', 'package.json', 'docs/client.md'];
  return builtFile(`dist/runlight-${version}.tgz`, 'scripts/build-package.js', sources);
}
