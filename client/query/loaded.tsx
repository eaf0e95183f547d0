import type { ReactNode } from 'react';
import { type ApiError, errorText } from './trpc.ts';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';

export interface Query<T> {
  data: T | undefined;
  isPending: boolean;
  error: ApiError | null;
  refetch: () => unknown;
}

/**
 * What a query has brought, as `children` make it; before that grey `rows`, and where it could not be loaded, why and a way
 * to try again. `what` names it, such as `keys`.
 */
export function Loaded<T>({
  query,
  what,
  rows = 3,
  children,
}: {
  query: Query<T>;
  what: string;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <Skeleton label={`Loading ${what}`} rows={rows} />;
  return (
    <ErrorState
      title={`The ${what} could not be loaded`}
      cause={errorText(query.error)}
      onRetry={() => void query.refetch()}
    />
  );
}
