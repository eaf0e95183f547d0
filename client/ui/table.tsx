import type { ReactNode, Ref } from 'react';

export interface Column {
  /** The head of the column: words, or in a column of controls words that are only heard. */
  head: ReactNode;
  /** Its width and alignment, and from which width of the table on it is there. */
  className?: string;
}

/** A table with its columns' heads; its children are the rows. */
export function Table({
  label,
  columns,
  rowCount,
  ref,
  children,
}: {
  label: string;
  columns: readonly Column[];
  /** Where not all rows are in the document: how many there are with the head, -1 while that is not known. */
  rowCount?: number;
  ref?: Ref<HTMLTableElement>;
  children: ReactNode;
}) {
  return (
    <table ref={ref} aria-label={label} aria-rowcount={rowCount} className="w-full table-fixed text-sm">
      <thead className="text-left text-xs text-muted">
        <tr className="h-10 border-b border-line" aria-rowindex={rowCount === undefined ? undefined : 1}>
          {columns.map(({ head, className = '' }, index) => (
            <th key={index} scope="col" className={`px-2 font-medium first:pl-4 last:pr-4 ${className}`}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">{children}</tbody>
    </table>
  );
}
