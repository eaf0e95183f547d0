import type { ReactNode } from 'react';
import { errorText, type ApiError } from './trpc.ts';
import { EmptyState, ErrorState } from '#client/ui/states.tsx';
import { WindowTitle } from '#client/ui/window-title.tsx';

/** In place of a page whose thing could not be loaded. `back` leads to where the existing ones are. */
export function LoadFailure({
  thing,
  error,
  onRetry,
  back,
}: {
  thing: 'test' | 'job' | 'run';
  error: ApiError | null;
  onRetry: () => unknown;
  back: ReactNode;
}) {
  // An address with something that is no id names nothing either.
  const missing = error?.data?.code === 'NOT_FOUND' || error?.data?.code === 'BAD_REQUEST';
  return (
    <div className="card">
      <WindowTitle title={missing ? `No such ${thing}` : `The ${thing} could not be loaded`} />
      {missing ? (
        <EmptyState heading="h1" title={`There is no such ${thing}`}>
          <p>It may belong to another project, or the address is incomplete.</p>
          {back}
        </EmptyState>
      ) : (
        <ErrorState
          heading="h1"
          title={`The ${thing} could not be loaded`}
          cause={errorText(error)}
          onRetry={() => void onRetry()}
        />
      )}
    </div>
  );
}
