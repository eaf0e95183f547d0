import type { ReactNode } from 'react';

/** A list of things in a section, one `Item` each. */
export function ItemList({ className = '', children }: { className?: string; children: ReactNode }) {
  return <ul className={`divide-y divide-line ${className}`}>{children}</ul>;
}

/** A thing with its title, what else there is to know about it, and its buttons. */
export function Item({
  title,
  details,
  children,
}: {
  title: ReactNode;
  details: ReactNode;
  /** The buttons. */
  children?: ReactNode;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-56 wrap-anywhere">
        <div className="flex flex-wrap items-center gap-2 font-medium">{title}</div>
        <div className="text-sm text-muted">{details}</div>
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </li>
  );
}
