import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { PackageManager } from './package-managers.ts';

/** What is known of a bundle before it is unpacked. */
export interface SuiteBundle {
  /** SHA-256 of the archive without compression. */
  hash: string;
  /** The folder of the config in the bundle; empty: its root. */
  dir: string;
  /** The config's file, in `dir`. */
  config: string;
  packageManager: PackageManager;
  /** In the root. */
  lockFile: string;
}

/** What `unpack.cjs` says. */
export const unpackedSuite = z.object({
  /** Of all files that decide what an install has. */
  hash: z.string(),
  /** The suite's own scripts that an install runs. */
  scripts: z.array(z.string()),
  /** The package manager copies folders of the suite into those of the packages. */
  copiesFolders: z.boolean(),
  /** Environment variables to which settings of the package manager refer. */
  variables: z.array(z.string()),
  hasConfig: z.boolean(),
  hasLock: z.boolean(),
  /** The lock file is that of Yarn 2 or later. */
  isBerry: z.boolean(),
  yarnPath: z.string().nullable(),
  packageManager: z.string().nullable(),
});
export type UnpackedSuite = z.infer<typeof unpackedSuite>;

/** What `install.cjs` says. */
export const installedFolders = z.union([
  z.object({
    /** Relative to the bundle's root. */
    folders: z.array(z.string()),
    packages: z.number(),
    bytes: z.number(),
  }),
  /** How the package manager ended. */
  z.object({ exit: z.union([z.string(), z.number()]) }),
]);

/** Scripts that leave nothing but packages, or nothing on a worker. */
const harmless =
  /^((npx |pnpm (exec |dlx )?|yarn )?(husky( install)?( \S+)?|patch-package( .*)?|playwright install( .*)?|simple-git-hooks|lefthook install|is-ci|only-allow \w+|ts-patch install( -s)?|true|exit 0|echo .*))$/;

/** What a shell does more than to run a program. */
const shellSyntax = /[`$<>&|()\n]/;

/** True if the suite's own scripts read or write files of the suite while it is installed. */
export function hasOwnScripts({ scripts }: UnpackedSuite): boolean {
  const isHarmless = (command: string) => harmless.test(command.trim()) && !shellSyntax.test(command);
  return scripts.some((script) => !script.split(/&&|\|\||;/).every(isHarmless));
}

/** Installs with the same key have the same result. A project's packages are its own. */
export function installKey(projectId: string, bundle: SuiteBundle, suite: UnpackedSuite): string {
  const facts = [
    1,
    projectId,
    bundle.packageManager,
    bundle.lockFile,
    suite.hash,
    process.version,
    process.platform,
    process.arch,
    hasOwnScripts(suite) || suite.copiesFolders ? bundle.hash : null,
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 40);
}
