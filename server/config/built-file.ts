import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { appDir } from './installation.ts';

const changedAt = (file: string) => statSync(path.join(appDir, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The absolute path of a file that `script` builds; built first if one of its sources (files and folders) has changed since. */
export function builtFile(file: string, script: string, sources: readonly string[]): string {
  const changed = sources.flatMap((source) =>
    path.extname(source) !== ''
      ? changedAt(source)
      : readdirSync(path.join(appDir, source), { recursive: true, encoding: 'utf8' })
          .filter((name) => /(?<!\.test)\.[jt]s$/.test(name))
          .map((name) => changedAt(path.join(source, name))),
  );
  if (changedAt(file) <= Math.max(...changed)) {
    const { status } = spawnSync(process.execPath, [script], { cwd: appDir, stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) throw new Error(`${file} could not be built; see above.`);
  }
  return path.join(appDir, file);
}
