import { useRef } from 'react';
import type { Pages } from '#client/ui/load-more.tsx';
import { LongTable, type RowPlace } from '#client/ui/long-table.tsx';
import type { Column } from '#client/ui/table.tsx';
import { useNow } from '#client/ui/use-now.ts';
import type { RunSummary } from '#shared/events.ts';
import { withDays } from './by-day.ts';
import { RunRow } from './run-row.tsx';

const rowHeight = 40;

interface RunListProps {
  runs: readonly RunSummary[];
  /** False: the list has no selection and no actions. */
  editable: boolean;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  /** Ids of runs that are being cancelled. */
  cancelling: ReadonlySet<string>;
  onCancel: (run: RunSummary) => void;
  onRetry: (run: RunSummary) => void;
  pages: Pages;
}

/** Any number of runs, newest first, by day. */
export function RunList({ runs, editable, selected, onSelect, cancelling, onCancel, onRetry, pages }: RunListProps) {
  const lastToggled = useRef<string>(null);
  const now = useNow(60_000);

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

  const selectAll = (
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
  );
  const columns: Column[] = [
    ...(editable ? [{ head: selectAll, className: 'w-11' }] : []),
    { head: <span className="@max-xl:sr-only">Status</span>, className: `@xl:w-32 ${editable ? 'w-12' : 'w-16'}` },
    { head: 'Run' },
    { head: 'Cases', className: 'hidden w-52 @3xl:table-cell @5xl:w-68' },
    { head: 'Started by', className: 'hidden w-48 @5xl:table-cell' },
    { head: 'Duration', className: 'hidden w-22 text-right @xl:table-cell' },
    { head: 'Started', className: 'hidden w-29 text-right @2xl:table-cell' },
    ...(editable ? [{ head: <span className="sr-only">Action</span>, className: 'w-14' }] : []),
  ];
  return (
    <LongTable
      label="Runs"
      columns={columns}
      items={withDays(runs, now)}
      rowHeight={rowHeight}
      pages={pages}
      isHeading={(item) => 'day' in item}
    >
      {(item, place) =>
        'day' in item ? (
          <DayRow key={item.id} day={item.day} place={place} editable={editable} />
        ) : (
          <RunRow
            key={item.id}
            run={item}
            place={place}
            editable={editable}
            selected={selected.has(item.id)}
            onToggle={toggle}
            cancelling={cancelling.has(item.id)}
            onCancel={onCancel}
            onRetry={onRetry}
          />
        )
      }
    </LongTable>
  );
}

/** It stands in the column of names, since a cell that spans columns would bring back those that a narrow window hides. */
function DayRow({ day, place, editable }: { day: string; place: RowPlace; editable: boolean }) {
  return (
    <tr {...place} aria-hidden className="h-9">
      {editable && <td />}
      <td />
      <td className="truncate px-2 text-xs font-medium text-muted">{day}</td>
    </tr>
  );
}
