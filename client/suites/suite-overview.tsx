import { Link } from '@tanstack/react-router';
import CaseGrid from '#client/cases/case-grid.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { mergeRuns } from '#client/runs/activity/activity.ts';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { HistorySection } from '#client/runs/history/history-section.tsx';
import { NewestRun } from '#client/runs/list/newest-run.tsx';
import { BaseBranch } from './base-branch.tsx';
import { SuiteRunTable } from './suite-run-table.tsx';
import { Section } from '#client/ui/page.tsx';
import { isInHistory } from '#shared/run-history.ts';

const shownRuns = 8;

/** How a suite does, on all branches or on one: its newest run, its cases in the last runs, and its history. */
export default function SuiteOverview({
  suite,
  branch,
}: {
  suite: Outputs['suites']['byId'];
  branch: string | undefined;
}) {
  const { id: suiteId } = suite;
  const activity = useActivity();
  const { data } = api.runs.list.useQuery({ suiteId, branch, limit: shownRuns });
  const runs = mergeRuns(
    data?.items ?? [],
    activity,
    (run) => run.suiteId === suiteId && (branch === undefined || run.branch === branch),
    !data?.nextCursor,
  );
  const newest = runs.find(isInHistory) ?? runs[0];
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
      <div className="min-w-0 space-y-5">
        {newest && <NewestRun run={newest} />}
        <CaseGrid of={{ suiteId, branch }} />
      </div>
      <div className="min-w-0 space-y-5">
        <HistorySection of={{ suiteId, branch }} />
        <Section
          title="Recent runs"
          actions={
            <Link to="/suites/$suiteId" params={{ suiteId }} search={{ tab: 'runs', branch }} className="link text-sm">
              All runs
            </Link>
          }
        >
          {data && runs.length === 0 ? (
            <p className="px-4 py-6 text-sm text-muted">Nothing has run yet.</p>
          ) : (
            <div className="@container">
              <SuiteRunTable runs={runs.slice(0, shownRuns)} label="Recent runs" />
            </div>
          )}
        </Section>
        <BaseBranch suite={suite} />
      </div>
    </div>
  );
}
