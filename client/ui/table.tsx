import type { ReactNode, Ref } from 'react';

export interface Column {
  /** The header; for a column of controls, a text for screen readers only. */
  head: ReactNode;
  /** Width, alignment, and the table width from which the column is shown. */
  className?: string;
}

/** A table with column headers; `children` are the rows. */
export function Table({
  label,
  columns,
  rowCount,
  ref,
  children,
}: {
  label: string;
  columns: readonly Column[];
  /** If not all rows are in the document: their number including the header, -1 while unknown. */
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
