import {
  createRootRoute,
  createRoute,
  createRouter,
  type RouterHistory,
  type ErrorComponentProps,
  lazyRouteComponent,
  Link,
  useRouter,
} from '@tanstack/react-router';
import { App } from './app.tsx';
import { parseAuditSearch } from '#client/audit/audit-filter.ts';
import { parseRunSearch } from '#client/runs/list/run-filter.ts';
import { parseTestSearch } from '#client/tests/test-search.ts';
import { parseRunPageSearch } from '#client/runs/run-page/run-page-search.ts';
import { parseSuiteSearch } from '#client/suites/suite-search.ts';
import { type CiProvider, ciProviders } from '#client/suites/watch/ci-providers.ts';
import { buttonClass } from '#client/ui/button.tsx';
import {
  branchParam,
  dropUnknown,
  idParam,
  oneOfParam,
  parseSearch,
  type RawSearch,
  stringifySearch,
  textParam,
} from '#client/ui/search-params.ts';
import { EmptyState, ErrorState, Skeleton } from '#client/ui/states.tsx';
import { WindowTitle } from '#client/ui/window-title.tsx';

const root = createRootRoute({ component: App });

/** The search of a list of jobs or suites. */
const parseListSearch = ({ q, archived }: RawSearch): { q?: string | undefined; archived?: 'yes' | undefined } => ({
  q: textParam(q),
  archived: oneOfParam(['yes'], archived),
});

/** For pages without parameters. Without a `validateSearch` the router hands every parameter through. */
const noParams = dropUnknown((): Record<never, never> => ({}));

const routes = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: lazyRouteComponent(() => import('#client/overview/overview-page.tsx'), 'OverviewPage'),
    // Named here, it would become a type that the parameters of all other pages may have.
    ...({ validateSearch: noParams } as object),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/cases/$caseId',
    component: lazyRouteComponent(() => import('#client/cases/case-page.tsx'), 'CasePage'),
    /** Only results of runs on this branch. */
    validateSearch: dropUnknown(({ branch }): { branch?: string | undefined } => ({ branch: branchParam(branch) })),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/tests/',
    component: lazyRouteComponent(() => import('#client/tests/tests-page.tsx'), 'TestsPage'),
    validateSearch: dropUnknown(parseTestSearch),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/tests/new',
    component: lazyRouteComponent(() => import('#client/tests/new-test-page.tsx'), 'NewTestPage'),
    validateSearch: dropUnknown(({ template }): { template?: 'api' | 'browser' | undefined } => ({
      template: oneOfParam(['api', 'browser'], template),
    })),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/tests/$testId',
    component: lazyRouteComponent(() => import('#client/tests/test-page.tsx'), 'TestPage'),
    /** `run`: the run beside the editor. */
    validateSearch: dropUnknown(({ run }): { run?: string | undefined } => ({ run: idParam(run) })),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/jobs/',
    component: lazyRouteComponent(() => import('#client/jobs/jobs-page.tsx'), 'JobsPage'),
    validateSearch: dropUnknown(parseListSearch),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/jobs/new',
    component: lazyRouteComponent(() => import('#client/jobs/new-job-page.tsx'), 'NewJobPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/jobs/$jobId',
    component: lazyRouteComponent(() => import('#client/jobs/job-page.tsx'), 'JobPage'),
    /** Undefined: the overview. */
    validateSearch: dropUnknown(({ tab }): { tab?: 'settings' | undefined } => ({
      tab: oneOfParam(['settings'], tab),
    })),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/suites/',
    component: lazyRouteComponent(() => import('#client/suites/suites-page.tsx'), 'SuitesPage'),
    validateSearch: dropUnknown(parseListSearch),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/suites/watch',
    component: lazyRouteComponent(() => import('#client/suites/watch/watch-page.tsx'), 'WatchPage'),
    /** The CI provider. Undefined: a laptop. */
    validateSearch: dropUnknown(({ ci }): { ci?: CiProvider | undefined } => ({ ci: oneOfParam(ciProviders, ci) })),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/suites/$suiteId',
    component: lazyRouteComponent(() => import('#client/suites/suite-page.tsx'), 'SuitePage'),
    validateSearch: dropUnknown(parseSuiteSearch),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/runs/',
    component: lazyRouteComponent(() => import('#client/runs/list/runs-page.tsx'), 'RunsPage'),
    validateSearch: dropUnknown(parseRunSearch),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/runs/$runId',
    component: lazyRouteComponent(() => import('#client/runs/run-page/run-page.tsx'), 'RunPage'),
    validateSearch: dropUnknown(parseRunPageSearch),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/variables',
    component: lazyRouteComponent(() => import('#client/variables/variables-page.tsx'), 'VariablesPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/workers',
    component: lazyRouteComponent(() => import('#client/workers/workers-page.tsx'), 'WorkersPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/account',
    component: lazyRouteComponent(() => import('#client/account/account-page.tsx'), 'AccountPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/members',
    component: lazyRouteComponent(() => import('#client/members/members-page.tsx'), 'MembersPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/keys',
    component: lazyRouteComponent(() => import('#client/keys/keys-page.tsx'), 'KeysPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/projects',
    component: lazyRouteComponent(() => import('#client/projects/projects-page.tsx'), 'ProjectsPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/tests',
    component: lazyRouteComponent(() => import('#client/projects/default-settings-page.tsx'), 'DefaultSettingsPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/notifications',
    component: lazyRouteComponent(() => import('#client/notifications/notifications-page.tsx'), 'NotificationsPage'),
    validateSearch: noParams,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/audit',
    component: lazyRouteComponent(() => import('#client/audit/audit-page.tsx'), 'AuditPage'),
    validateSearch: dropUnknown(parseAuditSearch),
  }),
]);

/** The app's addresses; by default those of the browser. */
export function createAppRouter(history?: RouterHistory) {
  return createRouter({
    routeTree: routes,
    ...(history && { history }),
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultPendingComponent: () => <Skeleton label="Loading the page" className="card" />,
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: BrokenPage,
  });
}

/** Replaces a page that threw; the shell around it continues. */
function BrokenPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <div className="card">
      <WindowTitle title="This page broke" />
      <ErrorState
        heading="h1"
        title="This page broke"
        cause={error instanceof Error ? error.message : String(error)}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}

function NotFound() {
  return (
    <div className="card">
      <WindowTitle title="Not found" />
      <EmptyState heading="h1" title="There is no such page">
        <p>The address may be mistyped.</p>
        <Link to="/" className={buttonClass()}>
          Go to the overview
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
