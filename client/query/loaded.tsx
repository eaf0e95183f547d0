import type { ReactNode } from 'react';
import { type ApiError, errorText } from './api-error.ts';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';

export interface Query<T> {
  data: T | undefined;
  isPending: boolean;
  error: ApiError | null;
  refetch: () => unknown;
}

/**
 * Renders `children` with the data of a query, grey `rows` until it is loaded, and the reason with a button to try again if
 * it cannot be. `what` names the data, such as `keys`.
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
