import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { appDir } from '#server/config/installation.ts';

const changedAt = (file: string) => statSync(path.join(appDir, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * Compiles the server unless it is newer than its sources, of which tests are none: processes that tests start run it from dist/, as `npm start`
 * does, which takes less than half of the time that they would need to begin from sources.
 */
export default function setup(): void {
  const sources = ['server', 'shared'].flatMap((dir) =>
    readdirSync(path.join(appDir, dir), { recursive: true, encoding: 'utf8' })
      .map((file) => path.join(dir, file))
      .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.startsWith('server/testing/')),
  );
  const changed = Math.max(...sources.map(changedAt), changedAt('package-lock.json'));
  if (changedAt('dist/server/main.js') > changed) return;
  const tsc = path.join(appDir, 'node_modules/typescript/bin/tsc');
  // Code with wrong types is compiled, too; `npm run check` reports those.
  spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: appDir, stdio: 'inherit' });
  if (changedAt('dist/server/main.js') <= changed) throw new Error('The server could not be compiled.');
}
