import type { ReactNode } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { Logo } from '#client/ui/logo.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';

/** The shell of the pages for users who are not signed in. */
export function SignedOutPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col items-center px-4 pt-[14vh] pb-12">
      <title>{`${title} · Runlight`}</title>
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-2.5 text-base font-semibold tracking-tight">
          <Logo /> Runlight
        </div>
        <div className="card p-6">
          <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
          {children}
        </div>
      </div>
    </main>
  );
}

/** A signed-out page that depends on a query: `children` once it is loaded. `problem` is the title if it fails. */
export function LoadedSignedOutPage<T>({
  title,
  problem,
  query,
  canRetry = false,
  children,
}: {
  title: string;
  problem: string;
  query: UseQueryResult<T>;
  canRetry?: boolean;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  return (
    <SignedOutPage title={title}>
      {query.isError ? (
        <ErrorState
          title={problem}
          cause={query.error.message}
          {...(canRetry && { onRetry: () => void query.refetch() })}
        />
      ) : (
        <Skeleton label="Loading" rows={2} />
      )}
    </SignedOutPage>
  );
}
