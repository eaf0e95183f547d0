import { GitBranch } from 'lucide-react';
import type { RunSummary } from '#shared/events.ts';
import { shortSha } from './short-sha.ts';

/** What a run was run of, in a line: branch, commit, and the commit's message. Nothing where none of it is known. */
export function RunCommit({
  run: { branch, commitSha, commitMessage },
  message = true,
  className = '',
}: {
  run: Pick<RunSummary, 'branch' | 'commitSha' | 'commitMessage'>;
  /** False: without the commit's message. */
  message?: boolean;
  className?: string;
}) {
  if (branch === null && commitSha === null) return null;
  const text = [branch, commitSha && shortSha(commitSha), commitMessage].filter(Boolean).join(' · ');
  return (
    <span
      className={`flex min-w-0 items-center overflow-hidden gap-1.5 text-[0.8125rem] text-muted ${className}`}
      title={text}
    >
      <GitBranch aria-hidden className="size-3.5 shrink-0" />
      {branch !== null && <bdi className="max-w-40 min-w-0 truncate">{branch}</bdi>}
      {commitSha !== null && <code className="shrink-0 font-mono text-xs">{shortSha(commitSha)}</code>}
      {message && commitMessage !== null && <bdi className="min-w-0 flex-1 basis-0 truncate">{commitMessage}</bdi>}
    </span>
  );
}
