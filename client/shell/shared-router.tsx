import { createRootRoute, createRoute, createRouter, Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { parseRunPageSearch } from '#client/runs/run-page/run-page-search.ts';
import { Logo } from '#client/ui/logo.tsx';
import { dropUnknown, parseSearch, stringifySearch } from '#client/ui/search-params.ts';
import { Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { useTheme } from '#client/ui/use-theme.ts';

/** A chunk of its own, which the app has, too. */
const WholeRun = lazy(async () => ({ default: (await import('#client/runs/run-page/run-page.tsx')).WholeRun }));

const Toaster = lazy(() => import('#client/ui/toaster.tsx').catch(() => ({ default: () => null })));

/** The addresses of a share link's page: how the run is shown stands in them, as it does for members. */
export function createSharedRouter({ runId, expiresAt }: { runId: string; expiresAt: string }) {
  const root = createRootRoute({ component: () => <Shell expiresAt={expiresAt} /> });
  const page = createRoute({
    getParentRoute: () => root,
    path: '/shared/$secret',
    component: () => (
      <Suspense fallback={<Skeleton label="Loading the run" className="card" />}>
        <WholeRun runId={runId} />
      </Suspense>
    ),
    validateSearch: dropUnknown(parseRunPageSearch),
  });
  return createRouter({ routeTree: root.addChildren([page]), parseSearch, stringifySearch, scrollRestoration: true });
}

/** As high as the header of the app, so that the page of the run fits below it. */
function Shell({ expiresAt }: { expiresAt: string }) {
  const theme = useTheme();
  return (
    <>
      <header className="sticky top-0 z-20 flex min-h-13 flex-wrap items-center gap-x-4 border-b border-line bg-surface px-3 sm:px-6">
        <span className="flex items-center gap-2.5 text-base font-semibold tracking-tight">
          <Logo /> Runlight
        </span>
        <p className="ml-auto text-right text-sm text-muted">
          Shared run, read-only
          <span className="max-sm:hidden">
            {' '}
            · link expires <RelativeTime iso={expiresAt} ahead />
          </span>
        </p>
      </header>
      <main id="main" className="mx-auto max-w-[100rem] px-4 py-5 sm:px-6 sm:py-7">
        <Outlet />
      </main>
      <Suspense>
        <Toaster theme={theme.shown} />
      </Suspense>
    </>
  );
}
