import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { mergeRuns } from '#client/runs/activity/activity.ts';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { SuiteRunTable } from './suite-run-table.tsx';

/** All runs of a suite, or those of a branch, newest first. */
export default function SuiteRuns({ suiteId, branch }: { suiteId: string; branch: string | undefined }) {
  const activity = useActivity();
  const query = api.runs.list.useInfiniteQuery({ suiteId, branch }, { getNextPageParam: (page) => page.nextCursor });
  const runs = mergeRuns(
    query.data?.pages.flatMap((page) => page.items) ?? [],
    activity,
    (run) => run.suiteId === suiteId && (branch === undefined || run.branch === branch),
    !query.hasNextPage,
  );
  return (
    <div className="@container card overflow-clip">
      <Loaded query={query} what="runs" rows={8}>
        {() =>
          runs.length === 0 ? (
            <p className="px-4 py-6 text-sm text-muted">
              {branch === undefined ? 'Nothing has run yet.' : `Nothing has run of the branch ${branch}.`}
            </p>
          ) : (
            <SuiteRunTable runs={runs} label="Runs" pages={query} />
          )
        }
      </Loaded>
    </div>
  );
}
