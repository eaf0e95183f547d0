import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { RunSummary } from '#shared/events.ts';
import { RunRow } from './run-row.tsx';

const rowHeight = 64;
/** Rows from the end at which the next page is asked for. */
const readAhead = 15;

interface RunListProps {
  runs: readonly RunSummary[];
  /** False: the runs are there to be looked at, and nothing is offered that changes or starts one. */
  editable: boolean;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  /** Runs that have been asked to stop. */
  cancelling: ReadonlySet<string>;
  onCancel: (run: RunSummary) => void;
  onRetry: (run: RunSummary) => void;
  hasMore: boolean;
  onNearEnd: () => void;
}

/** Any number of runs, newest first; only the rows on screen are in the document. */
export function RunList({ runs, editable, selected, onSelect, hasMore, onNearEnd, ...row }: RunListProps) {
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
  const lastToggled = useRef<string>(null);

  useLayoutEffect(() => {
    const measure = () => setTop((table.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    // What stands above the table wraps when the window narrows.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  // The compiler that this matters to is not used here.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useWindowVirtualizer({
    count: runs.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
    getItemKey: useCallback((index: number) => runs[index]?.id ?? index, [runs]),
  });
  const shown = rows.getVirtualItems();
  const before = (shown[0]?.start ?? top) - top;
  const after = Math.max(0, rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top));

  const nearEnd = hasMore && (shown.at(-1)?.index ?? 0) >= runs.length - readAhead;
  useLayoutEffect(() => {
    if (nearEnd) onNearEnd();
  }, [nearEnd, runs.length, onNearEnd]);

  const toggle = (run: RunSummary, range: boolean) => {
    const chosen = new Set(selected);
    const adds = !chosen.has(run.id);
    const from = runs.findIndex(({ id }) => id === lastToggled.current);
    const to = runs.indexOf(run);
    const between = range && from !== -1 ? runs.slice(Math.min(from, to), Math.max(from, to) + 1) : [run];
    for (const { id } of between) {
      if (adds) chosen.add(id);
      else chosen.delete(id);
    }
    lastToggled.current = run.id;
    onSelect(chosen);
  };
  const all = runs.length > 0 && runs.every(({ id }) => selected.has(id));

  return (
    <table
      ref={table}
      aria-label="Runs"
      aria-rowcount={hasMore ? -1 : runs.length + 1}
      className="w-full table-fixed text-sm"
    >
      <thead className="text-left text-xs text-muted">
        <tr className="h-10 border-b border-line" aria-rowindex={1}>
          {editable && (
            <th scope="col" className="w-11 pl-4">
              <input
                type="checkbox"
                aria-label="Select all runs shown"
                className="size-4 align-middle accent-ink"
                checked={all}
                ref={(box) => {
                  if (box) box.indeterminate = !all && selected.size > 0;
                }}
                onChange={() => onSelect(all ? new Set() : new Set(runs.map(({ id }) => id)))}
              />
            </th>
          )}
          <th scope="col" className={`pr-2 font-medium @xl:w-32 ${editable ? 'w-12' : 'w-16 pl-4'}`}>
            <span className="@max-xl:sr-only">Status</span>
          </th>
          <th scope="col" className="px-2 font-medium">
            Run
          </th>
          <th scope="col" className="hidden w-40 px-2 font-medium @3xl:table-cell">
            Tests
          </th>
          <th scope="col" className="hidden w-24 px-2 text-right font-medium @xl:table-cell">
            Duration
          </th>
          <th scope="col" className="hidden w-32 px-2 text-right font-medium last:pr-4 @4xl:table-cell">
            Started
          </th>
          {editable && (
            <th scope="col" className="w-14 pr-4">
              <span className="sr-only">Action</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {before > 0 && <Space height={before} />}
        {shown.map(({ index }) => {
          const run = runs[index];
          return (
            run && (
              <RunRow
                key={run.id}
                run={run}
                rowIndex={index + 2}
                editable={editable}
                selected={selected.has(run.id)}
                onToggle={toggle}
                cancelling={row.cancelling.has(run.id)}
                onCancel={row.onCancel}
                onRetry={row.onRetry}
              />
            )
          );
        })}
        {after > 0 && <Space height={after} />}
      </tbody>
    </table>
  );
}

/** In place of the rows that are not on screen. */
function Space({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      {/* One cell: a column that a narrow window does not show would come back empty if this one spanned it. */}
      <td className="p-0" style={{ height }} />
    </tr>
  );
}
