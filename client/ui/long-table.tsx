import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type Ref, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { LoadMore, type Pages } from './load-more.tsx';
import { type Column, Table } from './table.tsx';

/** The next page is fetched when this many rows are left. */
const readAhead = 15;

/** Props that a row must set on its `tr`. */
export interface RowPlace {
  ref: Ref<HTMLTableRowElement>;
  'data-index': number;
  'aria-rowindex': number;
}

/** The number of each row among those that count, from 2: the header is the first. */
function rowNumbers<Item>(items: readonly Item[], isHeading: (item: Item) => boolean): number[] {
  let number = 1;
  return items.map((item) => (isHeading(item) ? number : ++number));
}

/** A table of any length: it fetches pages as the user scrolls and renders only the rows on screen. */
export function LongTable<Item extends { id: string }>({
  label,
  columns,
  items,
  rowHeight,
  pages,
  isHeading = () => false,
  children,
}: {
  label: string;
  columns: readonly Column[];
  items: readonly Item[];
  /** The estimated height in px of a row that has not been on screen yet. */
  rowHeight: number;
  pages: Pages;
  /** True for an item with a row that only divides the others; such a row is hidden from assistive technology. */
  isHeading?: (item: Item) => boolean;
  /** Renders the row of an item. */
  children: (item: Item, place: RowPlace) => ReactNode;
}) {
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setTop((table.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    // The content above the table changes its height when the window gets narrower.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  // The rule is about the React compiler, which is not used here.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useWindowVirtualizer<HTMLTableRowElement>({
    count: items.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
    getItemKey: useCallback((index: number) => items[index]?.id ?? index, [items]),
  });
  const numbers = rowNumbers(items, isHeading);
  const shown = rows.getVirtualItems();
  const before = (shown[0]?.start ?? top) - top;
  const after = Math.max(0, rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top));

  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages;
  const isNearEnd = (shown.at(-1)?.index ?? 0) >= items.length - readAhead;
  // After a failure the user tries again by hand: an automatic retry would never stop.
  const wantsMore = isNearEnd && hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (wantsMore) void fetchNextPage();
  }, [wantsMore, items.length, fetchNextPage]);

  return (
    <>
      <Table ref={table} label={label} columns={columns} rowCount={hasNextPage ? -1 : (numbers.at(-1) ?? 1)}>
        {before > 0 && <Space height={before} />}
        {shown.map(({ index }) => {
          const item = items[index];
          return (
            item && children(item, { ref: rows.measureElement, 'data-index': index, 'aria-rowindex': numbers[index]! })
          );
        })}
        {after > 0 && <Space height={after} />}
      </Table>
      <LoadMore pages={pages} />
    </>
  );
}

/** Takes the place of rows that are not on screen. */
function Space({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      {/* A cell that spans columns would bring back, empty, those that a narrow window hides. */}
      <td className="p-0" style={{ height }} />
    </tr>
  );
}
