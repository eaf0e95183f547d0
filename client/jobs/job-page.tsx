import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Archived } from '#client/archive/archived.tsx';
import { lastRunOf } from '#client/runs/activity/activity.ts';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { ViewerNotice } from '#client/session/viewer-notice.tsx';
import { EditActions } from '#client/query/edit-actions.tsx';
import { LoadedPage } from '#client/query/loaded-page.tsx';
import { SaveProblem } from '#client/query/save-problem.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { useEditor } from '#client/query/use-editor.ts';
import { plural } from '#client/ui/format.ts';
import { PageHeader } from '#client/ui/page.tsx';
import { Skeleton } from '#client/ui/states.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { draftOf, type JobDraft, jobInput } from './job-draft.ts';
import { JobOverview } from './job-overview.tsx';
import { JobTabs } from './job-tabs.tsx';

const JobForm = lazy(async () => ({ default: (await import('./job-form.tsx')).JobForm }));
const ArchiveJob = lazy(async () => ({ default: (await import('./archive-job.tsx')).ArchiveJob }));

const route = getRouteApi('/jobs/$jobId');

export function JobPage() {
  const { jobId } = route.useParams();
  const query = api.jobs.byId.useQuery({ jobId });
  return (
    <LoadedPage thing="job" query={query}>
      {(job) => <Job key={jobId} job={job} />}
    </LoadedPage>
  );
}

function Job({ job }: { job: Outputs['jobs']['byId'] }) {
  const navigate = route.useNavigate();
  const { tab } = route.useSearch();
  const activity = useActivity();
  const lastRun = lastRunOf(job.lastRun, activity, ({ jobId }) => jobId === job.id);
  const utils = api.useUtils();
  const [archiving, setArchiving] = useState(false);
  const mayEdit = useMayEdit();
  const { job: start } = useStartRun();
  const readOnly = !mayEdit || job.archivedAt !== null;

  const editor = useEditor<JobDraft>({
    stored: draftOf(job),
    version: job.updatedAt,
    readOnly,
    store: async (draft, expectedUpdatedAt) => {
      const stored = await utils.client.jobs.update.mutate({ jobId: job.id, ...jobInput(draft), expectedUpdatedAt });
      utils.jobs.byId.setData({ jobId: job.id }, stored);
      void utils.jobs.list.invalidate();
      return { stored: draftOf(stored), version: stored.updatedAt };
    },
    reload: () => utils.jobs.byId.invalidate({ jobId: job.id }),
    start: () => start.mutate({ jobId: job.id }),
    starting: start.isPending,
  });

  // A wrong field is shown where it can be mended.
  const isRefused = Object.keys(editor.fieldErrors).some((field) => field !== 'expectedUpdatedAt');
  const isElsewhere = isRefused && tab !== 'settings';
  useEffect(() => {
    if (isElsewhere) void navigate({ to: '.', search: { tab: 'settings' }, replace: true, resetScroll: false });
  }, [isElsewhere, navigate]);

  return (
    <>
      <PageHeader
        title={job.name}
        above={
          <Link to="/jobs" className="link">
            Jobs
          </Link>
        }
      >
        {lastRun && <JobStatus runId={lastRun.id} initialStatus={lastRun.status} />}
        {!readOnly && <EditActions editor={editor} onArchive={() => setArchiving(true)} />}
      </PageHeader>

      <JobTabs jobId={job.id} />
      <div className="space-y-4">
        <ViewerNotice />
        {job.archivedAt && (
          <Archived of={{ jobId: job.id }} name={job.name}>
            This job is archived. It keeps its runs but can no longer be run.
          </Archived>
        )}
        <SaveProblem key={tab} thing="job" editor={editor}>
          <span className="w-full">
            Theirs: {job.name},{' '}
            {job.suite
              ? `the suite ${job.suite.name}`
              : `${plural(job.testCount, 'test')} (${job.tests.map(({ name }) => name).join(', ')})`}
            , {job.scheduleText ? `${job.scheduleText} ${job.timezone}` : 'by hand only'}
            {!job.enabled && ', paused'}.
          </span>
        </SaveProblem>
        {tab === 'settings' ? (
          <fieldset disabled={readOnly} className="group/form max-w-4xl min-w-0">
            <Suspense fallback={<Skeleton label="Loading the settings" className="card" />}>
              <JobForm jobId={job.id} draft={editor.draft} errors={editor.fieldErrors} onChange={editor.edit} />
            </Suspense>
          </fieldset>
        ) : (
          <JobOverview job={job} lastRun={lastRun} />
        )}
      </div>

      {archiving && (
        <Suspense>
          <ArchiveJob
            job={job}
            onClose={() => setArchiving(false)}
            onArchived={() => {
              editor.abandon();
              void navigate({ to: '/jobs' });
            }}
          />
        </Suspense>
      )}
      <UnsavedGuard isUnsaved={editor.isUnsaved} />
    </>
  );
}
