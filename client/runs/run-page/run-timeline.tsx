import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { formatDuration } from '#client/ui/format.ts';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { useNow } from '#client/ui/use-now.ts';
import { type CaseList, fullTitle } from '#client/runs/case-data/case-list.ts';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import { CaseIcon } from '#client/runs/status/case-icon.tsx';
import { caseKindLook } from '#client/runs/status/case-kind-look.ts';
import { useCaseTimes } from './use-case-times.ts';

const rowHeight = 28;

/** When each case began and how long it took, one below the other on one axis of time. */
export default function RunTimeline({
  runId,
  list,
  cases,
  live,
  onCase,
}: {
  runId: string;
  list: CaseList;
  cases: RunCases;
  live: boolean;
  onCase: (index: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const query = useCaseTimes(runId, live);
  const now = useNow(live ? 1_000 : 60_000);
  const items = query.data?.items ?? [];
  // The rule is for the React compiler, which this project does not use.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  if (query.isPending) return <Skeleton label="Loading the timeline" rows={4} />;
  if (query.isError)
    return (
      <ErrorState
        title="The timeline could not be loaded"
        cause={errorText(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  if (items.length === 0)
    return <p className="px-4 py-6 text-sm text-muted">{live ? 'No test has begun yet.' : 'No test has begun.'}</p>;
  const sinceQueued = now - Date.parse(query.data.queuedAt);
  const endOf = (begin: number, end: number | null) => end ?? Math.max(begin, live ? sinceQueued : begin);
  const first = items[0]![1];
  const last = items.reduce((latest, [, begin, end]) => Math.max(latest, endOf(begin, end)), first + 2);
  const place = (time: number) => `${(100 * (time - first)) / (last - first)}%`;
  return (
    <div className="flex min-h-0 flex-1 flex-col text-sm">
      <div
        aria-hidden
        className="flex justify-between border-b border-line py-1 pr-22 pl-[calc(40%+0.5rem)] text-xs text-muted tabular-nums"
      >
        <span>0</span>
        <span>{formatDuration((last - first) / 2)}</span>
        <span>{formatDuration(last - first)}</span>
      </div>
      <div ref={box} className="min-h-40 flex-1 overflow-y-auto max-lg:max-h-[70dvh]">
        <ul aria-label="Timeline of the tests" className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index: row, start }) => {
            const [index, begin, end] = items[row]!;
            const info = list.cases[index];
            const kind = kindOf(cases.states[index]);
            const title = info ? [info.file, fullTitle(info)].filter(Boolean).join(' › ') : '';
            return (
              <li key={index} className="absolute inset-x-0" style={{ top: start }}>
                <button
                  type="button"
                  title={title}
                  onClick={() => onCase(index)}
                  className="flex h-7 w-full items-center px-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
                >
                  <span className="flex w-2/5 shrink-0 items-center gap-2 pr-3">
                    <CaseIcon kind={kind} />
                    <bdi className="truncate">{info?.title}</bdi>
                  </span>
                  <span className="relative h-4 min-w-0 flex-1 bg-[linear-gradient(to_right,var(--color-line)_1px,transparent_1px)] bg-[length:50%_100%]">
                    <span
                      className={`absolute inset-y-0.5 min-w-1 rounded-xs ${caseKindLook[kind].bar}`}
                      style={{ left: place(begin), right: `calc(100% - ${place(endOf(begin, end))})` }}
                    />
                  </span>
                  <span className="w-20 shrink-0 text-right text-xs text-muted tabular-nums">
                    {formatDuration(endOf(begin, end) - begin)}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
