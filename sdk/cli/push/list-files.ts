import { existsSync, lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';
import { bundleLimits } from '#shared/suites.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { decodeName } from './decode-name.ts';
import type { SuiteFolder } from './find-suite.ts';
import { ignoredFiles, trackedFiles } from './git-files.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { misuse, quoted } from './misuse.ts';
import { type LeftOut, neverSent } from './never-sent.ts';
import { walkFiles } from './walk-files.ts';

/** A file or link of a bundle. */
export interface BundleFile {
  /** Relative to the root, with forward slashes. */
  path: string;
  /** Bytes; 0 for a link. */
  size: number;
  mtimeMs: number;
  isExecutable: boolean;
  /** Of a link: what it points to, relative to its folder. */
  linkTo: string | undefined;
}

export interface FileList {
  /** Sorted by the bytes of their paths. */
  files: BundleFile[];
  /** Sorted, each once. */
  leftOut: LeftOut[];
  /** Why git was not asked, if it was not; empty if there is no repository. */
  withoutGit: string | undefined;
}

const ignoreFile = '.runlightignore';

/** What the bundle of a suite has, and what was left out. Throws a `CliError` for what no bundle can have, by name. */
export async function listFiles(suite: SuiteFolder, env: Host['env']): Promise<FileList> {
  const { found, leftOut, withoutGit } = await findFiles(suite, env);
  const rules = found
    .filter((file) => path.posix.basename(file) === ignoreFile)
    .sort(byDepth)
    .reduce((rules, file) => {
      const folder = path.posix.dirname(file);
      return rules.with(folder === '.' ? '' : folder, readFileSync(path.join(suite.root, file), 'utf8'));
    }, new IgnoreRules());
  const paths: string[] = [];
  for (const file of found) {
    const left = neverSent(file) ?? (rules.ignores(file) ? { path: file, why: ignoreFile } : undefined);
    if (left) leftOut.push(left);
    else paths.push(file);
  }
  for (const needed of neededBy(suite)) checkIsSent(needed, paths, leftOut);
  const files = sorted(paths).flatMap((file) => inspect(suite.root, file) ?? []);
  const byPath = new Map(leftOut.map((left) => [left.path, left]));
  return { files, leftOut: sorted([...byPath.keys()]).map((path) => byPath.get(path)!), withoutGit };
}

const byDepth = (a: string, b: string) => a.split('/').length - b.split('/').length;

/** Paths in the bundle that git, or `.gitignore` files, leave. */
async function findFiles(suite: SuiteFolder, env: Host['env']) {
  const { root, gitRoot } = suite;
  if (gitRoot === undefined) return { ...walkFiles(root, root), withoutGit: '' };
  const [tracked, ignored] = await Promise.all([listRepository(root, '', env), ignoredFiles(root, env)]);
  if ('failure' in tracked) return { ...walkFiles(root, gitRoot), withoutGit: tracked.failure };
  const ignoredPaths = 'failure' in ignored ? [] : ignored.paths.map((name) => name.toString());
  const leftOut = ignoredPaths.map((path) => neverSent(path) ?? { path, why: 'git ignores it' });
  return { ...tracked, leftOut: [...leftOut, ...tracked.leftOut], withoutGit: undefined };
}

type Found = { found: string[]; leftOut: LeftOut[] };

/** Files of the repository below `root/prefix`, with those of the repositories in it. */
async function listRepository(root: string, prefix: string, env: Host['env']): Promise<Found | { failure: string }> {
  const listed = await trackedFiles(path.join(root, prefix), env);
  if ('failure' in listed) return listed;
  const found = new Set<string>();
  const leftOut: LeftOut[] = [];
  for (const name of listed.paths) {
    const file = prefix + decodeName(name).replace(/\/$/, '');
    // Deleted, and not yet so for git.
    const stats = lstatSync(path.join(root, file), { throwIfNoEntry: false });
    if (!stats) continue;
    if (!stats.isDirectory()) found.add(file);
    else if (!existsSync(path.join(root, file, '.git'))) {
      leftOut.push({ path: `${file}/`, why: 'a submodule that is not checked out' });
    } else {
      const inner = await listRepository(root, `${file}/`, env);
      if ('failure' in inner) return inner;
      for (const path of inner.found) found.add(path);
      leftOut.push(...inner.leftOut);
    }
  }
  return { found: [...found], leftOut };
}

/** What a worker cannot do without. */
function neededBy({ dir, config, lockFile }: SuiteFolder): string[] {
  return ['package.json', lockFile, path.posix.join(dir, config)];
}

function checkIsSent(file: string, paths: readonly string[], leftOut: readonly LeftOut[]): void {
  if (paths.includes(file)) return;
  const why = leftOut.find(({ path }) => path === file || (path.endsWith('/') && file.startsWith(path)))?.why;
  throw misuse(`${quoted(file)} would be left out${why ? ` (${why})` : ''}, and a worker needs it.`);
}

/** By their bytes, which is the same on every machine. */
function sorted(paths: readonly string[]): string[] {
  return paths
    .map((file) => [Buffer.from(file), file] as const)
    .sort(([a], [b]) => a.compare(b))
    .map(([, file]) => file);
}

function inspect(root: string, file: string): BundleFile | undefined {
  if (Buffer.byteLength(file) > bundleLimits.pathBytes)
    throw misuse(`The path ${quoted(file)} is longer than ${bundleLimits.pathBytes.toLocaleString('en')} bytes.`);
  const absolute = path.join(root, file);
  const stats = lstatSync(absolute, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const kind = kindOf(stats);
  if (kind !== undefined)
    throw misuse(`${quoted(file)} is ${kind}, and cannot be sent: remove it, or leave it out through ${ignoreFile}.`);
  const { mtimeMs, mode } = stats;
  if (stats.isSymbolicLink())
    return { path: file, size: 0, mtimeMs, isExecutable: true, linkTo: checkedLink(root, file) };
  return { path: file, size: stats.size, mtimeMs, isExecutable: (mode & 0o100) !== 0, linkTo: undefined };
}

/** What it is that no bundle has; undefined for files and links. */
function kindOf(stats: Stats): string | undefined {
  if (stats.isFile() || stats.isSymbolicLink()) return undefined;
  if (stats.isSocket()) return 'a socket';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isDirectory() ? 'a folder' : 'a device';
}

/** The target of a link. Throws if it is not in the bundle's folder. */
function checkedLink(root: string, file: string): string {
  const target = decodeName(readlinkSync(path.join(root, file), { encoding: 'buffer' })).replaceAll(path.sep, '/');
  const refuse = (why: string) =>
    misuse(`The link ${quoted(file)} ${why} (${quoted(target)}): remove it, or leave it out through ${ignoreFile}.`);
  if (path.isAbsolute(target)) throw refuse('has an absolute target');
  const names = target.split('/').filter((name) => name !== '' && name !== '.');
  const ups = names.filter((name) => name === '..').length;
  // Down through another link, and up from there, could be anywhere.
  if (names.lastIndexOf('..') >= ups) throw refuse('goes down and up again');
  if (ups > file.split('/').length - 1) throw refuse('leads out of the suite');
  return target;
}
