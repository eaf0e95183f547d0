import { errorText } from '#client/query/api-error.ts';
import type { Outputs } from '#client/query/trpc.ts';
import type { Query } from '#client/query/loaded.tsx';
import { stripAnsi } from '#client/ui/ansi.ts';
import { useIsGuest } from '#client/session/guest.ts';
import { plural } from '#client/ui/format.ts';
import { EmptyState, ErrorState, Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { FirstFailedNote, useFirstFailures } from '#client/runs/history/first-failed.tsx';
import { type CaseList, fullTitle } from '#client/runs/case-data/case-list.ts';

type Errors = Outputs['runs']['errors'];
type ErrorGroup = Errors['items'][number];
type Origin = Outputs['runs']['firstFailures']['items'][number];

/** Cases that a group names at once. */
const shownCases = 5;

/** The failures of a run by their cause, the most frequent first. */
export default function RunErrors({
  query,
  list,
  live,
  runId,
  onCase,
  onGroup,
}: {
  query: Query<Errors>;
  list: CaseList;
  live: boolean;
  runId: string;
  onCase: (index: number) => void;
  /** Lists the cases by their errors. */
  onGroup: () => void;
}) {
  const isGuest = useIsGuest();
  const shown = useMemo(
    () => (isGuest ? [] : (query.data?.items.flatMap(({ indexes }) => indexes.slice(0, shownCases)) ?? [])),
    [query.data, isGuest],
  );
  const first = useFirstFailures(runId, shown);
  const origins = useMemo(() => new Map(first.data?.items.map((it) => [it.index, it])), [first.data]);
  if (query.isPending) return <Skeleton label="Loading the errors" rows={3} />;
  if (!query.data)
    return (
      <ErrorState
        title="The errors could not be loaded"
        cause={errorText(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  const { items } = query.data;
  if (items.length === 0) {
    return (
      <EmptyState title={live ? 'Nothing has failed so far' : 'Nothing failed'}>
        <p>Choose a test to see its steps and its output.</p>
      </EmptyState>
    );
  }
  return (
    <ul aria-label="Errors" className="divide-y divide-line">
      {items.map((group) => (
        <Group
          key={group.fingerprint}
          group={group}
          list={list}
          runId={runId}
          onCase={onCase}
          onGroup={onGroup}
          origins={origins}
        />
      ))}
    </ul>
  );
}

function Group({
  group: { message, count, files, indexes, firstSeen },
  list,
  runId,
  onCase,
  onGroup,
  origins,
}: {
  group: ErrorGroup;
  list: CaseList;
  runId: string;
  onCase: (index: number) => void;
  onGroup: () => void;
  /** Of cases, by their indexes. */
  origins: ReadonlyMap<number, Origin>;
}) {
  const isGuest = useIsGuest();
  const [first = '', ...more] = stripAnsi(message).trim().split('\n');
  const detail = more.map((line) => line.trim()).filter(Boolean);
  return (
    <li className="px-4 py-3 text-sm">
      <div className="flex items-start gap-3">
        <p className="min-w-0 flex-1 font-mono text-[0.8125rem] leading-5 font-medium wrap-anywhere text-bad">
          <bdi>{first.slice(0, 400)}</bdi>
        </p>
        <span className="shrink-0 rounded-full border border-bad-line bg-bad-tint px-2 text-bad tabular-nums">
          ×{count.toLocaleString()}
        </span>
      </div>
      {detail.length > 0 && (
        <pre className="mt-1 max-h-20 overflow-hidden font-mono text-[0.8125rem] leading-5 wrap-anywhere whitespace-pre-wrap text-muted">
          {detail.slice(0, 4).join('\n')}
        </pre>
      )}
      <p className="mt-1.5 text-muted">
        {files.length === 1 ? files[0] : plural(files.length, 'file')}
        {!isGuest && ' · '}
        {isGuest ? null : firstSeen && firstSeen.runId !== runId ? (
          <Link to="/runs/$runId" params={{ runId: firstSeen.runId }} className="link">
            first seen <RelativeTime iso={firstSeen.at} />
          </Link>
        ) : (
          <span className="font-medium text-warn">new in this run</span>
        )}
      </p>
      <ul className="mt-1.5 space-y-0.5">
        {indexes.slice(0, shownCases).map((index) => {
          const info = list.cases[index];
          return (
            <li key={index} className="flex flex-wrap items-baseline gap-x-2">
              <button type="button" className="link max-w-full truncate text-left" onClick={() => onCase(index)}>
                {info ? [info.file, fullTitle(info)].filter(Boolean).join(' › ') : `Test ${index + 1}`}
                {info?.project && list.cases.some((other) => other?.project !== info.project) && ` (${info.project})`}
              </button>
              <FirstFailedNote found={origins.get(index)} runId={runId} />
            </li>
          );
        })}
      </ul>
      {count > shownCases && (
        <button type="button" className="link mt-0.5" onClick={onGroup}>
          and {(count - shownCases).toLocaleString()} more
        </button>
      )}
    </li>
  );
}
