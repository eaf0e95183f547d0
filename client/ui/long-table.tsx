import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type Ref, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { LoadMore, type Pages } from './load-more.tsx';
import { type Column, Table } from './table.tsx';

/** Rows from the end at which the next page is asked for. */
const readAhead = 15;

/** What a row must put onto its `tr`. */
export interface RowPlace {
  ref: Ref<HTMLTableRowElement>;
  'data-index': number;
  'aria-rowindex': number;
}

/** A table of any number of rows, which asks for more by itself; only the rows on screen are in the document. */
export function LongTable<Item extends { id: string }>({
  label,
  columns,
  items,
  rowHeight,
  pages,
  children,
}: {
  label: string;
  columns: readonly Column[];
  items: readonly Item[];
  /** What is expected of a row that has not been on screen yet, in px. */
  rowHeight: number;
  pages: Pages;
  /** The row of an item. */
  children: (item: Item, place: RowPlace) => ReactNode;
}) {
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
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
  const rows = useWindowVirtualizer<HTMLTableRowElement>({
    count: items.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
    getItemKey: useCallback((index: number) => items[index]?.id ?? index, [items]),
  });
  const shown = rows.getVirtualItems();
  const before = (shown[0]?.start ?? top) - top;
  const after = Math.max(0, rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top));

  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages;
  const isNearEnd = (shown.at(-1)?.index ?? 0) >= items.length - readAhead;
  // After a failure it is the user who tries again: this would do so for ever.
  const wantsMore = isNearEnd && hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (wantsMore) void fetchNextPage();
  }, [wantsMore, items.length, fetchNextPage]);

  return (
    <>
      <Table ref={table} label={label} columns={columns} rowCount={hasNextPage ? -1 : items.length + 1}>
        {before > 0 && <Space height={before} />}
        {shown.map(({ index }) => {
          const item = items[index];
          return item && children(item, { ref: rows.measureElement, 'data-index': index, 'aria-rowindex': index + 2 });
        })}
        {after > 0 && <Space height={after} />}
      </Table>
      <LoadMore pages={pages} />
    </>
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
