import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonClass } from '#client/ui/button.tsx';
import { EmptyState, ErrorState, Skeleton } from '#client/ui/states.tsx';
import { WindowTitle } from '#client/ui/window-title.tsx';
import type { Query } from './loaded.tsx';
import { errorText } from './api-error.ts';

const lists = { test: '/tests', job: '/jobs', suite: '/suites', run: '/runs', case: '/' } as const;

/** The page of one test, job, suite, run or case: `children` once it is loaded, and why there is nothing to show if it cannot be. */
export function LoadedPage<T>({
  thing,
  query,
  children,
}: {
  thing: keyof typeof lists;
  query: Query<T>;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <Skeleton label={`Loading the ${thing}`} className="card" />;
  const code = query.error?.data?.code;
  // The server answers an id that is malformed with BAD_REQUEST.
  const isMissing = code === 'NOT_FOUND' || code === 'BAD_REQUEST';
  return (
    <div className="card">
      <WindowTitle title={isMissing ? `No such ${thing}` : `The ${thing} could not be loaded`} />
      {isMissing ? (
        <EmptyState heading="h1" title={`There is no such ${thing}`}>
          <p>It was removed, belongs to another project, or the address is incomplete.</p>
          <Link to={lists[thing]} className={buttonClass()}>
            {thing === 'case' ? 'Go to the overview' : `Show all ${thing}s`}
          </Link>
        </EmptyState>
      ) : (
        <ErrorState
          heading="h1"
          title={`The ${thing} could not be loaded`}
          cause={errorText(query.error)}
          onRetry={() => void query.refetch()}
        />
      )}
    </div>
  );
}
