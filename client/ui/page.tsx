import type { ReactNode } from 'react';
import { WindowTitle } from './window-title.tsx';

/** The title of the page and the window, with the page's actions. */
export function PageHeader({
  title,
  windowTitle = title,
  above,
  children,
}: {
  title: string;
  windowTitle?: string;
  above?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="mb-5">
      <WindowTitle title={windowTitle} />
      {above && <div className="mb-1 text-sm text-muted">{above}</div>}
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
        <h1 className="line-clamp-3 min-w-0 text-xl font-semibold tracking-tight break-words sm:text-2xl" title={title}>
          {title}
        </h1>
        {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
      </div>
    </div>
  );
}

/** A titled box of a page. */
export function Section({
  title,
  actions,
  children,
  className = '',
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section aria-label={title} className={`card min-w-0 ${className}`}>
      <div className="flex min-h-12 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
        <h2 className="text-sm font-semibold">{title}</h2>
        {actions && <div className="flex items-center gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
