import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { LoadMore } from '#client/ui/load-more.tsx';
import { Section } from '#client/ui/page.tsx';
import { mergeRuns } from '#client/runs/activity/activity.ts';
import { RunTable } from './run-table.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';

/** Runs of one test or of one job, newest first. */
export function RecentRuns({ of: owner }: { of: { testId: string } | { jobId: string } }) {
  const activity = useActivity();
  const query = api.runs.list.useInfiniteQuery(
    { ...owner, limit: 10 },
    { getNextPageParam: (page) => page.nextCursor },
  );
  const runs = mergeRuns(
    query.data?.pages.flatMap((page) => page.items) ?? [],
    activity,
    (run) => ('testId' in owner ? run.testId === owner.testId : run.jobId === owner.jobId),
    !query.hasNextPage,
  );
  return (
    <Section title="Recent runs">
      <Loaded query={query} what="runs">
        {() =>
          runs.length === 0 ? (
            <p className="px-4 py-6 text-sm text-muted">Nothing has run yet.</p>
          ) : (
            <div className="@container">
              <RunTable runs={runs} label="Recent runs" />
            </div>
          )
        }
      </Loaded>
      <LoadMore pages={query} />
    </Section>
  );
}
