import { execFile } from 'node:child_process';

/** Git answers at once; a file system that hangs must not keep the report waiting. */
const timeoutMs = 2_000;

export interface GitCommit {
  sha: string;
  /** First line. */
  message: string;
  author: string;
}

/** The commit; undefined where there is no such one, or no git. */
export async function readCommit(cwd: string, sha: string | undefined): Promise<GitCommit | undefined> {
  if (sha !== undefined && !/^[0-9a-f]{7,64}$/i.test(sha)) return undefined;
  const text = await git(cwd, ['log', '-1', '--no-show-signature', '--format=%H%n%an%n%s', sha ?? 'HEAD']);
  const [hash, author, message] = text?.split('\n') ?? [];
  return hash && author !== undefined && message !== undefined ? { sha: hash, author, message } : undefined;
}

/** The branch that is checked out; undefined for a commit without one. */
export async function readBranch(cwd: string): Promise<string | undefined> {
  const branch = (await git(cwd, ['rev-parse', '--abbrev-ref', 'HEAD']))?.trim();
  return branch === 'HEAD' ? undefined : branch || undefined;
}

/** True if the folder has changes that are not committed, or files that git does not know. */
export async function isDirty(cwd: string): Promise<boolean> {
  const changes = await git(cwd, ['status', '--porcelain', '--', '.']);
  return changes !== undefined && changes !== '';
}

/** What git prints; undefined if it fails. */
function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { cwd, timeout: timeoutMs, windowsHide: true, maxBuffer: 1_000_000 };
    execFile('git', args, options, (error, stdout) => resolve(error ? undefined : stdout)).on('error', () =>
      resolve(undefined),
    );
  });
}
