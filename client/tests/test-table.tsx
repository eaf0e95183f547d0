import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { RestoreButton } from '#client/archive/restore-button.tsx';
import { LastFailure } from '#client/runs/history/last-failure.tsx';
import { VerdictStrip } from '#client/runs/history/verdict-strip.tsx';
import { groupRuns, mergeVerdicts } from '#client/runs/history/verdicts.ts';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { RunButton } from '#client/runs/actions/run-button.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import type { Outputs } from '#client/query/trpc.ts';
import { formatDuration, formatPercent } from '#client/ui/format.ts';
import { type Column, Table } from '#client/ui/table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';

type Test = Outputs['tests']['list']['items'][number];

/** Tests with their last runs. Without `onChoose` none can be chosen. */
export function TestTable({
  tests,
  chosen,
  onChoose,
}: {
  tests: readonly Test[];
  chosen: ReadonlySet<string>;
  onChoose: ((chosen: ReadonlySet<string>) => void) | undefined;
}) {
  const { runs } = useActivity();
  const ownRuns = useMemo(() => groupRuns(runs.values(), 'testId'), [runs]);
  const all = tests.length > 0 && tests.every(({ id }) => chosen.has(id));
  const columns: Column[] = [
    ...(onChoose
      ? [
          {
            head: (
              <input
                type="checkbox"
                aria-label="Select all tests shown"
                className="size-4 align-middle accent-ink"
                checked={all}
                ref={(box) => {
                  if (box) box.indeterminate = !all && chosen.size > 0;
                }}
                onChange={() => onChoose(all ? new Set() : new Set(tests.map(({ id }) => id)))}
              />
            ),
            className: 'hidden w-11 @xs:table-cell',
          },
        ]
      : []),
    { head: 'Name' },
    { head: 'Last runs', className: 'hidden w-30 @xl:table-cell' },
    { head: 'Newest', className: 'w-30' },
    { head: 'Flaky', className: 'hidden w-18 text-right @5xl:table-cell' },
    { head: 'Duration', className: 'hidden w-24 text-right @4xl:table-cell' },
    { head: 'When', className: 'hidden w-28 text-right @2xl:table-cell' },
    { head: <span className="sr-only">Actions</span>, className: 'w-16 @xl:w-26' },
  ];
  const toggle = (id: string) => {
    const changed = new Set(chosen);
    if (!changed.delete(id)) changed.add(id);
    onChoose?.(changed);
  };
  return (
    <Table label="Tests" columns={columns}>
      {tests.map((test) => (
        <TestRow
          key={test.id}
          test={test}
          runs={ownRuns.get(test.id) ?? []}
          isChosen={chosen.has(test.id)}
          onToggle={onChoose && (() => toggle(test.id))}
        />
      ))}
    </Table>
  );
}

function TestRow({
  test,
  runs,
  isChosen,
  onToggle,
}: {
  test: Test;
  /** Those of the activity feed. */
  runs: readonly RunSummary[];
  isChosen: boolean;
  onToggle: (() => void) | undefined;
}) {
  const verdicts = mergeVerdicts(test.recentVerdicts, runs);
  const [newest] = verdicts;
  return (
    <tr className={`relative h-14 ${isChosen && onToggle ? 'bg-busy-tint' : 'hover:bg-hover'}`}>
      {onToggle && (
        <td className="hidden pl-4 @xs:table-cell">
          <input
            type="checkbox"
            aria-label={`Select ${test.name}`}
            checked={isChosen}
            onChange={onToggle}
            className="relative z-10 size-4 align-middle accent-ink"
          />
        </td>
      )}
      <td className={onToggle ? 'py-2 pr-2 pl-4 @xs:pl-2' : 'px-4 py-2'}>
        <Link
          to="/tests/$testId"
          params={{ testId: test.id }}
          className="line-clamp-2 font-medium break-words row-link"
        >
          {test.name}
        </Link>
        {test.lastFailure && <LastFailure failure={test.lastFailure} verdicts={verdicts} />}
      </td>
      <td className="hidden px-2 py-2 @xl:table-cell">
        <VerdictStrip verdicts={verdicts} />
      </td>
      <td className="px-2 py-2">
        {newest ? <StatusBadge status={newest.status} /> : <span className="text-muted">Never run</span>}
      </td>
      <td className="hidden px-2 py-2 text-right tabular-nums @5xl:table-cell">
        {test.flakeRate ? (
          <span className="text-warn">{formatPercent(test.flakeRate)}</span>
        ) : (
          <span className="text-muted">–</span>
        )}
      </td>
      <td className="hidden px-2 py-2 text-right tabular-nums @4xl:table-cell">
        {newest?.duration != null ? formatDuration(newest.duration) : <span className="text-muted">–</span>}
      </td>
      <td className="hidden px-2 py-2 text-right text-muted @2xl:table-cell">
        {newest && <RelativeTime iso={newest.startedAt ?? newest.queuedAt} />}
      </td>
      <td className="py-2 pr-3 text-right">
        {test.archivedAt === null ? (
          <RunButton of={{ testId: test.id }} name={test.name} />
        ) : (
          <RestoreButton of={{ testId: test.id }} name={test.name} />
        )}
      </td>
    </tr>
  );
}
