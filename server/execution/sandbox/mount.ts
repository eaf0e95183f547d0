import { lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** A folder that the processes of a run find at another path. */
export interface Mount {
  /** Absolute, outside of the sandbox. */
  from: string;
  /** Relative to the run's folder, in one of its `writableDirs`. */
  to: string;
  /** Default: the run cannot change it. */
  isWritable?: boolean;
}

/**
 * Creates the folder over which bubblewrap mounts. Throws where a run has left something else on the way there, such as a link,
 * which bubblewrap would follow. No process of the run may be alive.
 */
export function prepareMountPoint(runDir: string, to: string): void {
  let dir = runDir;
  for (const name of to.split('/')) {
    if (['', '.', '..'].includes(name)) throw new Error(`not a folder of a run: ${JSON.stringify(to)}`);
    dir = path.join(dir, name);
    const found = lstatSync(dir, { throwIfNoEntry: false });
    if (!found) mkdirSync(dir, { mode: 0o755 });
    else if (!found.isDirectory()) throw new Error(`${to} cannot be mounted: "${name}" is no folder`);
  }
}

/** Throws if there are any: without bubblewrap, nothing keeps a run from changing a folder that it shares with others. */
export function refuseMounts(mounts: readonly Mount[] | undefined): void {
  if (mounts?.length) throw new Error('Only bubblewrap can mount folders: copy them into the folder of the run.');
}
