import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { appDir, version } from '#server/config/installation.ts';

const changedAt = (file: string) => statSync(path.join(appDir, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The file of the npm package, as the server serves it; built first if its sources have changed since. */
export function builtPackage(): string {
  const file = `dist/runlight-${version}.tgz`;
  const sources = ['sdk', 'server', 'shared', 'scripts'].flatMap((dir) =>
    readdirSync(path.join(appDir, dir), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.test)\.[jt]s$/.test(name))
      .map((name) => path.join(dir, name)),
  );
  const changed = Math.max(...sources.map(changedAt), changedAt('package.json'), changedAt('docs/client.md'));
  if (changedAt(file) <= changed) {
    const { status } = spawnSync(process.execPath, ['scripts/build-package.js'], { cwd: appDir, stdio: 'inherit' });
    if (status !== 0) throw new Error('The package could not be built; see above.');
  }
  return path.join(appDir, file);
}
