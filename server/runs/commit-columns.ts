import type { CommitInput } from '#shared/commit-input.ts';
import type { RunRow } from './run-state.ts';

/** What a run was run of; what is left out is not known. */
export type CommitColumns = Partial<Pick<RunRow, 'branch' | 'commitSha' | 'commitMessage' | 'author' | 'pullRequest'>>;

/** As columns of a run. */
export function columnsOfCommit(commit: CommitInput): CommitColumns {
  const { branch = null, sha = null, message = null, author = null, pullRequest = null } = commit;
  return { branch, commitSha: sha, commitMessage: message, author, pullRequest };
}

/** Those of an earlier run. */
export function commitOf({ branch, commitSha, commitMessage, author, pullRequest }: RunRow): CommitColumns {
  return { branch, commitSha, commitMessage, author, pullRequest };
}
