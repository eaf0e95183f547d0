import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { HistorySection } from '#client/runs/history/history-section.tsx';
import { lastRunOf } from '#client/runs/activity/activity.ts';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { RecentRuns } from '#client/runs/list/recent-runs.tsx';
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
import { Alert } from '#client/ui/states.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { ActiveRun } from './active-run.tsx';
import { ArchiveJob } from './archive-job.tsx';
import { draftOf, type JobDraft, jobInput } from './job-draft.ts';
import { JobForm } from './job-form.tsx';
import { MissedStarts } from './missed-starts.tsx';

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
        <LastStatus job={job} />
        {!readOnly && <EditActions editor={editor} onArchive={() => setArchiving(true)} />}
      </PageHeader>

      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <div className="order-2 min-w-0 space-y-4 lg:order-1">
          <ViewerNotice />
          {job.archivedAt && <Alert>This job is archived. It keeps its runs but can no longer be run.</Alert>}
          <SaveProblem thing="job" editor={editor}>
            <span className="w-full">
              Theirs: {job.name}, {plural(job.testCount, 'test')} ({job.tests.map(({ name }) => name).join(', ')}),{' '}
              {job.scheduleText ? `${job.scheduleText} ${job.timezone}` : 'by hand only'}
              {!job.enabled && ', paused'}.
            </span>
          </SaveProblem>
          <fieldset disabled={readOnly} className="group/form min-w-0">
            <JobForm jobId={job.id} draft={editor.draft} errors={editor.fieldErrors} onChange={editor.edit} />
          </fieldset>
        </div>
        <div className="order-1 min-w-0 space-y-5 lg:order-2">
          <ActiveRun jobId={job.id} />
          <MissedStarts job={job} />
          <HistorySection of={{ jobId: job.id }} />
          <RecentRuns of={{ jobId: job.id }} />
        </div>
      </div>

      {archiving && (
        <ArchiveJob
          job={job}
          onClose={() => setArchiving(false)}
          onArchived={() => {
            editor.abandon();
            void navigate({ to: '/jobs' });
          }}
        />
      )}
      <UnsavedGuard isUnsaved={editor.isUnsaved} />
    </>
  );
}

/** The status of the job's newest run. */
function LastStatus({ job }: { job: Outputs['jobs']['byId'] }) {
  const activity = useActivity();
  const run = lastRunOf(job.lastRun, activity, ({ jobId }) => jobId === job.id);
  return run && <JobStatus runId={run.id} initialStatus={run.status} />;
}
