import { open, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '#client/ui/format.ts';
import type { BundleInput } from '#shared/suites.ts';
import { checkArchive } from '#sdk/cli/push/limits.ts';
import { misuse, quoted } from '#sdk/cli/push/misuse.ts';
import { prepareSuite } from '#sdk/cli/push/prepare-suite.ts';
import { compressTar } from '#sdk/cli/push/tar.ts';
import { readCommit } from '#sdk/reporter/ci/git.ts';
import { GitClient, type GitSource } from './clone.ts';

export interface SuiteInGit extends GitSource {
  /** Folder of the suite in the repository; empty: its root. */
  path: string;
  suite: string;
}

/** What the program in the sandbox gets as its task. */
export type FetchOrder = Omit<SuiteInGit, 'token' | 'env'> & {
  /** Commits that the suite has bundles of. */
  known: string[];
};

export type FetchedSuite =
  /** The branch is at a commit that is known. */
  | { isKnown: true; commitSha: string }
  /** `bundle`: what `suites.push` takes. Its archive is in the file. */
  | { isKnown: false; commitSha: string; bundle: BundleInput };

/**
 * Fetches the newest commit of a branch, unless it is one of `known`, and packs the suite in it into `archive` as `runlight push` does
 * with a clean checkout of it: the bundle is the same. `workDir` is an empty folder. Throws a `CliError` that says what is wrong.
 */
export async function fetchSuite(
  source: SuiteInGit,
  options: { workDir: string; archive: string; known: readonly string[]; onProgress: (line: string) => void },
): Promise<FetchedSuite> {
  const { workDir, archive, onProgress } = options;
  const git = await GitClient.in(workDir, source);
  const newest = await git.findCommit();
  if (options.known.includes(newest)) return { isKnown: true, commitSha: newest };
  const checkout = path.join(workDir, 'checkout');
  await git.clone(checkout, onProgress);
  const env = { PATH: source.env['PATH'], HOME: path.join(workDir, 'home') };
  const dir = path.join(checkout, source.path);
  if (!(await stat(dir).catch(() => undefined))?.isDirectory())
    throw misuse(
      `The branch ${quoted(source.branch)} has no folder ${quoted(source.path)}: correct the path of the suite.`,
    );
  const suite = await prepareSuite({ env }, { dir, suite: source.suite }).catch((error: Error) => {
    // Where the checkout is says nothing to people.
    throw misuse(error.message.replaceAll(checkout, 'the repository'));
  });
  // `runlight push` looks above the folder, too.
  if (path.join(suite.root, suite.dir) !== (await realpath(dir)))
    throw misuse(`There is no playwright.config.ts in ${quoted(source.path)}: correct the path of the suite.`);
  onProgress(`Packing ${suite.files.length.toLocaleString('en')} files, ${formatBytes(suite.bytes)} …`);
  const file = await open(archive, 'wx', 0o600);
  try {
    await compressTar(suite, file, { hash: suite.hash, onBytes: (bytes) => checkArchive(bytes, suite.files) });
  } catch (error) {
    await rm(archive, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  const commit = await readCommit(checkout, undefined);
  const { hash, config, packageManager, lockFile, playwright } = suite;
  return {
    isKnown: false,
    commitSha: commit?.sha ?? newest,
    bundle: {
      suite: source.suite,
      hash,
      dir: suite.dir,
      config,
      packageManager,
      lockFile,
      playwright,
      branch: source.branch,
      commitSha: commit?.sha ?? newest,
      commitMessage: commit?.message ?? null,
      author: commit?.author ?? null,
      isDirty: false,
    },
  };
}
