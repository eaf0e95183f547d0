import { getRouteApi, Link } from '@tanstack/react-router';
import { Archive, Play } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Archived } from '#client/archive/archived.tsx';
import { UsedBy } from '#client/jobs/used-by.tsx';
import { LoadedPage } from '#client/query/loaded-page.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { lastRunOf } from '#client/runs/activity/activity.ts';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { BranchPicker } from '#client/runs/history/branch-picker.tsx';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { Skeleton } from '#client/ui/states.tsx';
import type { SuiteSearch } from './suite-search.ts';
import { SuiteTabs } from './suite-tabs.tsx';

const ArchiveSuite = lazy(() => import('./archive-suite.tsx'));
const SuiteOverview = lazy(() => import('./suite-overview.tsx'));
const SuiteRuns = lazy(() => import('./suite-runs.tsx'));
const SuiteCases = lazy(() => import('./suite-cases.tsx'));
const SuiteBundles = lazy(() => import('./bundles/suite-bundles.tsx'));
const RunSuiteDialog = lazy(() => import('./bundles/run-suite-dialog.tsx'));

const route = getRouteApi('/suites/$suiteId');

export function SuitePage() {
  const { suiteId } = route.useParams();
  const query = api.suites.byId.useQuery({ suiteId });
  return (
    <LoadedPage thing="suite" query={query}>
      {(suite) => <Suite key={suiteId} suite={suite} />}
    </LoadedPage>
  );
}

function Suite({ suite }: { suite: Outputs['suites']['byId'] }) {
  const { tab, branch } = route.useSearch();
  const navigate = route.useNavigate();
  const activity = useActivity();
  const mayEdit = useMayEdit();
  const [archiving, setArchiving] = useState(false);
  const [running, setRunning] = useState(false);
  const lastRun = lastRunOf(suite.lastRun, activity, ({ suiteId }) => suiteId === suite.id);
  const chooseBranch = (branch: string | undefined) =>
    void navigate({ to: '.', search: (now: SuiteSearch) => ({ ...now, branch }), replace: true, resetScroll: false });
  return (
    <>
      <PageHeader
        title={suite.name}
        above={
          <Link to="/suites" className="link">
            Suites
          </Link>
        }
      >
        {lastRun && <JobStatus runId={lastRun.id} initialStatus={lastRun.status} />}
        {mayEdit && suite.archivedAt === null && (suite.newestBundle ?? suite.git) && (
          <Button variant="primary" onClick={() => setRunning(true)}>
            <Play aria-hidden className="size-4" /> Run
          </Button>
        )}
        {mayEdit && suite.archivedAt === null && (
          <Button variant="ghost" onClick={() => setArchiving(true)}>
            <Archive aria-hidden className="size-4" /> Archive
          </Button>
        )}
      </PageHeader>
      <SuiteTabs suiteId={suite.id} branch={branch}>
        <BranchPicker suiteId={suite.id} value={branch} onChange={chooseBranch} />
      </SuiteTabs>
      <div className="space-y-4">
        {suite.archivedAt && (
          <Archived of={{ suiteId: suite.id }} name={suite.name}>
            This suite is archived. It keeps its runs, and runs that are still reported are kept, too.
          </Archived>
        )}
        {tab === undefined && <UsedBy jobs={suite.jobs} />}
        <Suspense fallback={<Skeleton label="Loading the suite" className="card" />}>
          {tab === undefined && <SuiteOverview suite={suite} branch={branch} />}
          {tab === 'runs' && <SuiteRuns key={branch} suiteId={suite.id} branch={branch} />}
          {tab === 'cases' && <SuiteCases suiteId={suite.id} branch={branch} />}
          {tab === 'bundles' && <SuiteBundles key={branch} suite={suite} branch={branch} />}
        </Suspense>
      </div>
      {running && (
        <Suspense>
          <RunSuiteDialog suite={suite} bundle={suite.newestBundle} git={suite.git} onClose={() => setRunning(false)} />
        </Suspense>
      )}
      {archiving && (
        <Suspense>
          <ArchiveSuite
            suite={suite}
            onClose={() => setArchiving(false)}
            onArchived={() => void navigate({ to: '/suites' })}
          />
        </Suspense>
      )}
    </>
  );
}
