import { z } from 'zod';
import { gitBranch } from './git-branch.ts';
import { cursor, id, idempotencyKey, limit, nameOf, timeoutMs } from './inputs.ts';
import { lockFiles, type PackageManager, packageManagers } from './lock-files.ts';
import { oneLine } from './one-line.ts';
import { checkArgs } from './playwright-args.ts';
import type { SuiteGit } from './suite-git.ts';

/** What a bundle may have. */
export const bundleLimits = {
  /** Of the archive as it is sent. */
  bytes: 200_000_000,
  /** Of all files together. */
  unpackedBytes: 1_000_000_000,
  /** Files and links. */
  files: 100_000,
  /** Of a path, in UTF-8. */
  pathBytes: 1_024,
} as const;

const text = (most: number) =>
  z
    .string()
    .max(most, `must have at most ${most} characters`)
    .refine((value) => !value.includes('\0'), 'must not contain a NUL character');
const word = (most: number) => text(most).min(1, 'must not be empty');

/** SHA-256 of the bundle's tar without compression. */
export const bundleHash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 as 64 hexadecimal digits');

const fileName = word(255).refine((name) => !/[/\\]/.test(name) && name !== '.' && name !== '..', {
  error: 'must be the name of a file, without a folder',
});

/** Folders of a bundle, separated by `/`; empty: its root. */
export const folder = text(bundleLimits.pathBytes).refine(
  (path) => path === '' || path.split('/').every((name) => name !== '' && name !== '.' && name !== '..'),
  'must be a path inside the bundle, such as "apps/web", or empty for its root',
);

/** What a bundle is: sent after its bytes. */
export const bundleInput = z
  .object({
    /** Name of the suite, which the first bundle or report makes. */
    suite: nameOf(200),
    hash: bundleHash,
    /** The folder of the config. */
    dir: folder,
    /** Playwright's config, in `dir`. */
    config: fileName,
    packageManager: z.enum(packageManagers),
    /** In the root. */
    lockFile: z.enum(Object.keys(lockFiles) as [keyof typeof lockFiles]),
    /** Version of Playwright that the suite had where it was pushed. */
    playwright: oneLine(50),
    branch: oneLine(300),
    commitSha: oneLine(64),
    commitMessage: oneLine(300),
    author: oneLine(200),
    /** It has changes that no commit has. */
    isDirty: z.boolean().default(false),
  })
  .refine(({ lockFile, packageManager }) => lockFiles[lockFile] === packageManager, {
    path: ['lockFile'],
    message: 'must be a lock file of the package manager',
  });
export type BundleInput = z.infer<typeof bundleInput>;

/** What a run executes of its suite, and how. */
export const suiteOptions = z.object({
  /** Playwright projects; without any, all. */
  projects: z.array(word(200)).min(1).max(100).optional(),
  /** Regular expressions, as Playwright reads them. */
  grep: word(2_000).optional(),
  grepInvert: word(2_000).optional(),
  /** Playwright's filters of files. */
  files: z
    .array(word(1_000).refine((file) => !file.startsWith('-'), 'must be a filter of files, not an option'))
    .min(1)
    .max(500)
    .optional(),
  /** Others of Playwright's options: see `checkArgs`. */
  args: z
    .array(word(1_000))
    .min(1)
    .max(50)
    .superRefine((args, context) => {
      const problem = checkArgs(args);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .optional(),
});
export type SuiteOptions = z.infer<typeof suiteOptions>;

/** Parts that a run is divided into. `auto`: by what its cases took before, the wanted time and free workers. */
const isNoNumberOfShards = 'must be a number from 1 to 64, or "auto"';
export const shards = z.union([z.int().min(1, isNoNumberOfShards).max(64, isNoNumberOfShards), z.literal('auto')], {
  error: isNoNumberOfShards,
});

/** A case by what it is in every run. */
export interface SuiteCase {
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Relative to Playwright's `rootDir`. */
  file: string;
  titlePath: string[];
}

/** As a run was asked for. */
export interface SuiteRunOptions {
  options: SuiteOptions;
  shards: number;
  /** Only these cases, with what they need; null: all. */
  choice: SuiteCase[] | null;
  /** Where the run fetches its bundle; absent: the bundle was there. */
  git?: SuiteGit;
}

const branch = word(300);

const toRun = {
  suiteId: id,
  /** Default: the newest one. */
  bundleId: id.optional(),
  /** The newest bundle of this branch. */
  branch: branch.optional(),
  /** Fetches the newest commit from the suite's git source: of `branch`, or of the branch of the source. */
  fromGit: z.boolean().default(false),
  shards: shards.default(1),
  /** Ms that a run with `auto` shards should take; default: five minutes. */
  wallTimeMs: z
    .int()
    .min(1_000)
    .max(24 * 3_600_000)
    .optional(),
  options: suiteOptions.prefault({}),
};
/** Refuses a second choice beside `bundleId`, and a branch that no git has. */
function checkChoice(
  { bundleId, branch: of, fromGit }: { bundleId?: string | undefined; branch?: string | undefined; fromGit: boolean },
  context: z.RefinementCtx,
): void {
  const wrong = fromGit && of !== undefined ? gitBranch.safeParse(of).error?.issues[0] : undefined;
  if (wrong) context.addIssue({ code: 'custom', path: ['branch'], message: wrong.message });
  if (bundleId === undefined) return;
  const message = 'must not be given together with bundleId';
  if (of !== undefined) context.addIssue({ code: 'custom', path: ['branch'], message });
  if (fromGit) context.addIssue({ code: 'custom', path: ['fromGit'], message });
}

/** A suite with what of it is run, and how. */
export const suiteToRun = z.object(toRun).superRefine(checkChoice);
export type SuiteToRun = z.infer<typeof suiteToRun>;

export const bundleInputs = {
  find: z.object({ hash: bundleHash }),
  list: z.object({ suiteId: id, branch: branch.optional(), cursor, limit }),
  byId: z.object({ bundleId: id }),
  run: z.object({ ...toRun, timeoutMs, idempotencyKey }).superRefine(checkChoice),
};

/** How a job runs its suite. */
export interface SuiteOfJob {
  /** It runs one bundle, whatever is newest. */
  isPinned: boolean;
  /** It runs the newest bundle of this branch, or fetches it; null: the newest bundle of all, or the branch of the source. */
  branch: string | null;
  /** It fetches the newest commit from git. Absent where it was saved before that was possible. */
  fromGit?: boolean;
  shards: number | 'auto';
  /** See `suites.run`; null: the default. */
  wallTimeMs: number | null;
  options: SuiteOptions;
}

/** A bundle, as lists show it. */
export interface SuiteBundle {
  id: string;
  hash: string;
  /** Of the archive. */
  bytes: number;
  unpackedBytes: number;
  files: number;
  dir: string;
  config: string;
  packageManager: PackageManager;
  lockFile: string;
  playwright: string | null;
  branch: string | null;
  commitSha: string | null;
  commitMessage: string | null;
  author: string | null;
  isDirty: boolean;
  /** Who pushed it last. */
  pushedBy: string | null;
  pushedAt: string;
}

/** Answer to `PUT /api/bundles/<hash>`. */
export interface ReceivedBundle {
  bytes: number;
  unpackedBytes: number;
  files: number;
}
