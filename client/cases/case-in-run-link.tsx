import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RunPageSearch } from '#client/runs/run-page/run-page-search.ts';

/** A link to a case in one run. */
export function CaseInRunLink({
  runId,
  index,
  className,
  children,
}: {
  runId: string;
  index: number;
  className?: string;
  children: ReactNode;
}) {
  const search = { case: index } as object as RunPageSearch;
  return (
    <Link to="/runs/$runId" params={{ runId }} search={search} className={className}>
      {children}
    </Link>
  );
}
