import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { lockFiles, type PackageManager } from '#shared/lock-files.ts';
import { misuse, quoted } from './misuse.ts';

export type LockFile = keyof typeof lockFiles;

/** Where a suite is on this machine. */
export interface SuiteFolder {
  /** The folder that is pushed: the nearest one above the config that has a lock file. Absolute, without links. */
  root: string;
  /** The folder of the config, relative to the root, with forward slashes; empty: the root. */
  dir: string;
  /** Name of the config. */
  config: string;
  packageManager: PackageManager;
  lockFile: LockFile;
  /** Version of Playwright that is installed; null: none. */
  playwright: string | null;
  /** The working tree of git; undefined: none. */
  gitRoot: string | undefined;
}

/** In Playwright's order. */
const configs = ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs'].map((extension) => `playwright.config.${extension}`);

/** Finds the suite of the given config, or else the one that `from` is in. Throws a `CliError` that says what is missing. */
export function findSuite({ from, config }: { from: string; config?: string | undefined }): SuiteFolder {
  if (!isFolder(from)) throw misuse(`${quoted(from)} is not a folder.`);
  const file = config === undefined ? findConfig(from) : givenConfig(path.resolve(from, config));
  const configDir = realpathSync(path.dirname(file));
  const gitRoot = foldersUpFrom(configDir).find((folder) => existsSync(path.join(folder, '.git')));
  const { root, lockFile, packageManager } = findRoot(configDir, gitRoot);
  return {
    root,
    dir: path.relative(root, configDir).replaceAll(path.sep, '/'),
    config: path.basename(file),
    packageManager,
    lockFile,
    playwright: versionOfPlaywright(file),
    gitRoot,
  };
}

/** True if the folder, or one above it up to the root of git, has a config of Playwright. */
export function hasConfig(from: string): boolean {
  return searchConfig(from) !== undefined;
}

function searchConfig(from: string): string | undefined {
  for (const folder of searched(from)) {
    const name = configs.find((config) => existsSync(path.join(folder, config)));
    if (name) return path.join(folder, name);
  }
  return undefined;
}

function findConfig(from: string): string {
  const found = searchConfig(from);
  if (found) return found;
  throw misuse(
    `There is no playwright.config.ts (or .js, .mts, .mjs, .cts, .cjs) in ${quoted(path.resolve(from))}, or above it in its ` +
      'repository: run this in the folder of the suite, or name its config with --config <file>.',
  );
}

function givenConfig(file: string): string {
  if (isFolder(file)) {
    const name = configs.find((config) => existsSync(path.join(file, config)));
    if (!name) throw misuse(`There is no playwright.config.ts in ${quoted(file)}: name the file with --config.`);
    return path.join(file, name);
  }
  if (!existsSync(file)) throw misuse(`The config ${quoted(file)} does not exist.`);
  return file;
}

function findRoot(configDir: string, gitRoot: string | undefined) {
  for (const root of searched(configDir, gitRoot)) {
    const found = (Object.keys(lockFiles) as LockFile[]).filter((name) => existsSync(path.join(root, name)));
    if (found.length === 0) continue;
    if (!existsSync(path.join(root, 'package.json')))
      throw misuse(`${quoted(root)} has ${found[0]}, but no package.json: the suite cannot be installed.`);
    const lockFile = chooseLockFile(root, found);
    return { root, lockFile, packageManager: lockFiles[lockFile] };
  }
  throw misuse(
    `There is no lock file (${Object.keys(lockFiles).join(', ')}) in ${quoted(configDir)}` +
      `${gitRoot === configDir ? '' : gitRoot ? `, or above it up to ${quoted(gitRoot)}` : ', or above it'}: workers install a ` +
      'suite by its lock file. Make one with `npm install`, `pnpm install` or `yarn`, and keep it beside package.json.',
  );
}

/** Of several, the one of the package manager that package.json names. */
function chooseLockFile(root: string, found: LockFile[]): LockFile {
  const managers = new Set(found.map((name) => lockFiles[name]));
  if (managers.size === 1) return found[0]!;
  const named = /^[a-z]+/.exec(String(readJson(path.join(root, 'package.json'))['packageManager'] ?? ''))?.[0];
  const chosen = found.find((name) => lockFiles[name] === named);
  if (chosen) return chosen;
  throw misuse(
    `${quoted(root)} has lock files of several package managers (${found.join(', ')}): remove those that are not used, or name ` +
      'the package manager in package.json ("packageManager": "pnpm@10.0.0").',
  );
}

/** `from` and the folders above it, up to the root of git; without git, as far as the home folder, which is not one of them. */
function searched(from: string, gitRoot?: string | undefined): string[] {
  const folders = foldersUpFrom(path.resolve(from));
  const top = gitRoot ?? folders.find((folder) => existsSync(path.join(folder, '.git')));
  if (top !== undefined && folders.includes(top)) return folders.slice(0, folders.indexOf(top) + 1);
  const home = folders.indexOf(homedir());
  return folders.slice(0, Math.max(1, home === -1 ? folders.length - 1 : home));
}

function foldersUpFrom(folder: string): string[] {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersUpFrom(above)];
}

function versionOfPlaywright(config: string): string | null {
  try {
    return (createRequire(config)('@playwright/test/package.json') as { version: string }).version;
  } catch {
    return null;
  }
}

function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw misuse(`${quoted(file)} cannot be read: ${(error as Error).message}`);
  }
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
