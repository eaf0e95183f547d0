import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, type Outputs } from '#client/query/trpc.ts';
import { shortSha } from '#client/runs/status/short-sha.ts';
import { plural } from '#client/ui/format.ts';
import { RelativeTime } from '#client/ui/time.tsx';

type Origins = Outputs['runs']['firstFailures'];
type FirstFailure = Origins['items'][number];

/** Since which run cases fail that failed in a run. Reads it for as many as a page shows, at most 100 at once. */
export function useFirstFailures(runId: string, indexes: readonly number[]) {
  return api.runs.firstFailures.useQuery(
    { runId, indexes: indexes.slice(0, 100) },
    // The failure in the newest run of the base branch may be gone with its next one.
    { enabled: indexes.length > 0, staleTime: 60_000, retry: false },
  );
}

/** Since which run on its branch a case fails, and whether it does so on the base branch, too. Nothing until that is known. */
export default function FirstFailed({ runId, index }: { runId: string; index: number }) {
  const { data } = useFirstFailures(runId, [index]);
  const found = data?.items[0];
  if (!found) return null;
  return (
    <p className="text-sm text-muted">
      <Since of={data} found={found} runId={runId} />
      {found.onBase && data.baseBranch !== null && (
        <>
          {' '}
          It also fails in{' '}
          <RunLink of={found.onBase}>
            the newest run of <bdi>{data.baseBranch}</bdi>
          </RunLink>
          .
        </>
      )}
    </p>
  );
}

function Since({ of: { branch }, found, runId }: { of: Origins; found: FirstFailure; runId: string }) {
  const { first, runsAgo, hasPassed, mayBeOlder } = found;
  const on = branch !== null && (
    <>
      {' '}
      on <bdi>{branch}</bdi>
    </>
  );
  if (first.runId === runId)
    return (
      <>
        <span className="font-medium text-warn">First failed in this run</span>
        {on}
        {!hasPassed && ': it has no earlier result there that passed'}.
      </>
    );
  return (
    <>
      First failed{on} <RunLink of={first}>{ago(runsAgo)}</RunLink>
      {first.commitSha !== null && (
        <>
          , in <code className="font-mono text-xs">{shortSha(first.commitSha)}</code>
        </>
      )}
      , <RelativeTime iso={first.at} />
      {mayBeOlder ? ', or earlier' : !hasPassed && '; it has not passed there before'}.
    </>
  );
}

/** `first failed 3 runs ago`, for a list of failures. */
export function FirstFailedNote({ found, runId }: { found: FirstFailure | undefined; runId: string }) {
  if (!found) return null;
  const { first, runsAgo, mayBeOlder } = found;
  if (first.runId === runId) return <span className="text-warn">first failed in this run</span>;
  return (
    <RunLink of={first} className="link inline-flex min-h-6 items-center">
      first failed {ago(runsAgo)}
      {mayBeOlder && ' or earlier'}
    </RunLink>
  );
}

const ago = (runs: number) => `${plural(runs, 'run')} ago`;

function RunLink({
  of: { runId, index },
  // In a sentence, colour alone would not tell it from the text.
  className = 'link underline',
  children,
}: {
  of: { runId: string; index: number };
  className?: string;
  children: ReactNode;
}) {
  return (
    <Link to="/runs/$runId" params={{ runId }} search={{ case: index }} className={className}>
      {children}
    </Link>
  );
}
