import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { RestoreButton } from '#client/archive/restore-button.tsx';
import type { Outputs } from '#client/query/trpc.ts';
import { lastRunOf } from '#client/runs/activity/activity.ts';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { LastFailure } from '#client/runs/history/last-failure.tsx';
import { VerdictStrip } from '#client/runs/history/verdict-strip.tsx';
import { groupRuns, mergeVerdicts } from '#client/runs/history/verdicts.ts';
import { VerdictBar } from '#client/runs/list/verdict-bar.tsx';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { formatPercent } from '#client/ui/format.ts';
import { Table } from '#client/ui/table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';

type Suite = Outputs['suites']['list']['items'][number];

const stripLength = 10;

/** Suites with their newest runs. */
export function SuiteTable({ suites }: { suites: readonly Suite[] }) {
  const { runs } = useActivity();
  const ownRuns = useMemo(() => groupRuns(runs.values(), 'suiteId'), [runs]);
  const isArchived = suites.some(({ archivedAt }) => archivedAt !== null);
  return (
    <Table
      label="Suites"
      columns={[
        { head: 'Name' },
        { head: 'Newest', className: 'w-30' },
        { head: 'Cases', className: 'hidden w-52 @4xl:table-cell @5xl:w-68' },
        { head: 'Last runs', className: 'hidden w-26 @xl:table-cell' },
        { head: 'Pass rate', className: 'hidden w-20 text-right @3xl:table-cell' },
        { head: 'Flaky', className: 'hidden w-16 text-right @3xl:table-cell' },
        { head: 'When', className: 'hidden w-28 text-right @2xl:table-cell' },
        ...(isArchived ? [{ head: <span className="sr-only">Actions</span>, className: 'w-16 @xl:w-30' }] : []),
      ]}
    >
      {suites.map((suite) => (
        <SuiteRow key={suite.id} suite={suite} runs={ownRuns.get(suite.id) ?? []} hasActions={isArchived} />
      ))}
    </Table>
  );
}

function SuiteRow({
  suite,
  runs,
  hasActions,
}: {
  suite: Suite;
  /** Those of the activity feed. */
  runs: readonly RunSummary[];
  hasActions: boolean;
}) {
  const activity = useActivity();
  const verdicts = mergeVerdicts(suite.recentVerdicts, runs);
  const newest = lastRunOf(suite.lastRun, activity, ({ suiteId }) => suiteId === suite.id);
  return (
    <tr className="relative h-16 hover:bg-hover">
      <td className="px-4 py-2">
        <Link
          to="/suites/$suiteId"
          params={{ suiteId: suite.id }}
          className="line-clamp-2 font-medium break-words row-link"
        >
          <bdi>{suite.name}</bdi>
        </Link>
        {newest && <RunCommit run={newest} />}
        {suite.lastFailure && <LastFailure failure={suite.lastFailure} verdicts={verdicts} />}
      </td>
      <td className="px-2 py-2">
        {newest ? (
          <JobStatus runId={newest.id} initialStatus={newest.status} />
        ) : (
          <span className="text-muted">No runs</span>
        )}
      </td>
      <td className="hidden px-2 py-2 text-muted tabular-nums @4xl:table-cell">
        {newest && <VerdictBar run={newest} />}
      </td>
      <td className="hidden px-2 py-2 @xl:table-cell">
        <VerdictStrip verdicts={verdicts} length={stripLength} />
      </td>
      <td className="hidden px-2 py-2 text-right tabular-nums @3xl:table-cell">
        {suite.passRate === null ? <span className="text-muted">–</span> : formatPercent(suite.passRate)}
      </td>
      <td className="hidden px-2 py-2 text-right tabular-nums @3xl:table-cell">
        {suite.flaky > 0 ? (
          <span className="text-warn">
            {suite.flaky.toLocaleString()}
            <span className="sr-only"> flaky cases</span>
          </span>
        ) : (
          <span className="text-muted">–</span>
        )}
      </td>
      <td className="hidden px-2 py-2 text-right text-muted last:pr-4 @2xl:table-cell">
        {newest && <RelativeTime iso={newest.startedAt ?? newest.queuedAt} />}
      </td>
      {hasActions && (
        <td className="py-2 pr-3 text-right">
          <RestoreButton of={{ suiteId: suite.id }} name={suite.name} />
        </td>
      )}
    </tr>
  );
}
