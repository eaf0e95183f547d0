import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, redirect } from '@tanstack/react-router';
import { runKind, type RunKind } from '#shared/events.ts';
import { runStatus, type RunStatus } from '#shared/run-status.ts';
import { App } from './app.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { RunPage } from './runs/run-page.tsx';
import { RunsPage } from './runs/runs-page.tsx';
import { TestPage } from './tests/test-page.tsx';
import { TestsPage } from './tests/tests-page.tsx';
import { buttonClass } from './ui/button.tsx';
import { EmptyState, ErrorState } from './ui/states.tsx';

const root = createRootRoute({ component: App });

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
/** Numbers in the address arrive as numbers; what was searched for is text all the same. */
const searchText = ({ q }: Record<string, unknown>): { q?: string | undefined } =>
  q === undefined ? {} : { q: text(String(q)) };

const routes = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/tests', replace: true });
    },
  }),
  createRoute({ getParentRoute: () => root, path: '/tests/', component: TestsPage, validateSearch: searchText }),
  createRoute({
    getParentRoute: () => root,
    path: '/tests/new',
    component: lazyRouteComponent(() => import('./tests/new-test-page.tsx'), 'NewTestPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/tests/$testId',
    component: TestPage,
    /** `run`: the run that is shown beside the editor. */
    validateSearch: ({ run }: Record<string, unknown>): { run?: string | undefined } => ({ run: text(run) }),
  }),
  createRoute({ getParentRoute: () => root, path: '/jobs/', component: JobsPage, validateSearch: searchText }),
  createRoute({
    getParentRoute: () => root,
    path: '/jobs/new',
    component: lazyRouteComponent(() => import('./jobs/new-job-page.tsx'), 'NewJobPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/jobs/$jobId',
    component: lazyRouteComponent(() => import('./jobs/job-page.tsx'), 'JobPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/runs/',
    component: RunsPage,
    validateSearch: ({
      status,
      kind,
    }: Record<string, unknown>): { status?: RunStatus | undefined; kind?: RunKind | undefined } => ({
      status: runStatus.safeParse(status).data,
      kind: runKind.safeParse(kind).data,
    }),
  }),
  createRoute({ getParentRoute: () => root, path: '/runs/$runId', component: RunPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/workers',
    component: lazyRouteComponent(() => import('./workers/workers-page.tsx'), 'WorkersPage'),
  }),
]);

/** The app's addresses. */
export function createAppRouter() {
  return createRouter({
    routeTree: routes,
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: ({ error, reset }) => (
      <div className="card">
        <ErrorState
          title="This page broke"
          cause={error instanceof Error ? error.message : String(error)}
          onRetry={reset}
        />
      </div>
    ),
  });
}

function NotFound() {
  return (
    <div className="card">
      <title>Not found · Runlight</title>
      <EmptyState title="There is no such page">
        <p>The address may be mistyped.</p>
        <Link to="/tests" className={buttonClass()}>
          Go to the tests
        </Link>
      </EmptyState>
    </div>
  );
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
