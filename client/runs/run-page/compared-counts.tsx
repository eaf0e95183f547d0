import { Link } from '@tanstack/react-router';
import { api } from '#client/query/trpc.ts';
import type { RunSummary } from '#shared/events.ts';
import { previousText } from './previous-text.ts';

/** `7 newly failing, 3 fixed since the previous run`; nothing if neither is so. */
export default function ComparedCounts({ run }: { run: RunSummary }) {
  const runId = run.id;
  const { data } = api.runs.compare.useQuery({ runId, limit: 0 }, { staleTime: 60_000 });
  if (!data?.previous) return null;
  const { previous, baseBranch, newlyFailed, fixed } = data;
  const since = `since ${previousText(run, { previous, baseBranch })}`;
  if (newlyFailed + fixed === 0) return <span>No change {since}</span>;
  return (
    <Link to="/runs/$runId" params={{ runId }} search={{ tab: 'compare' }} className="hover:underline">
      {newlyFailed > 0 && <span className="font-medium text-bad">{newlyFailed.toLocaleString()} newly failing</span>}
      {newlyFailed > 0 && fixed > 0 && ', '}
      {fixed > 0 && <span className="text-good">{fixed.toLocaleString()} fixed</span>} {since}
    </Link>
  );
}
