import { getRouteApi, Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { HistorySection } from '#client/runs/history/history-section.tsx';
import { lastRunOf } from '#client/runs/activity/activity.ts';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { RecentRuns } from '#client/runs/list/recent-runs.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { ViewerNotice } from '#client/session/viewer-notice.tsx';
import { LoadFailure } from '#client/query/load-failure.tsx';
import { type ApiError, api, errorText, fieldErrors, isConcurrentChange, type Outputs } from '#client/query/trpc.ts';
import { buttonClass } from '#client/ui/button.tsx';
import { ConflictAlert } from '#client/ui/conflict-alert.tsx';
import { plural } from '#client/ui/format.ts';
import { PageHeader } from '#client/ui/page.tsx';
import { Alert, Skeleton } from '#client/ui/states.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { EditActions } from '#client/ui/edit-actions.tsx';
import { useDraft } from '#client/ui/use-draft.ts';
import { useHotkey } from '#client/ui/use-hotkey.ts';
import { ActiveRun } from './active-run.tsx';
import { ArchiveJob } from './archive-job.tsx';
import { draftOf, jobInput } from './job-draft.ts';
import { JobForm } from './job-form.tsx';

const route = getRouteApi('/jobs/$jobId');

export function JobPage() {
  const { jobId } = route.useParams();
  const query = api.jobs.byId.useQuery({ jobId });

  if (query.data) return <Job key={jobId} job={query.data} />;
  if (query.isPending) return <Skeleton label="Loading the job" className="card" />;
  return (
    <LoadFailure
      thing="job"
      error={query.error}
      onRetry={query.refetch}
      back={
        <Link to="/jobs" className={buttonClass()}>
          Show all jobs
        </Link>
      }
    />
  );
}

function Job({ job }: { job: Outputs['jobs']['byId'] }) {
  const navigate = route.useNavigate();
  const utils = api.useUtils();
  const [archiving, setArchiving] = useState(false);
  const mayEdit = useMayEdit();
  const archived = useRef(false);
  const update = api.jobs.update.useMutation();
  const { job: start } = useStartRun();

  const { draft, dirty, conflict, ...edits } = useDraft(draftOf(job), job.updatedAt);
  const errors = fieldErrors(update.error);
  const isOfField = Object.keys(errors).some((field) => field !== 'expectedUpdatedAt');

  /** True when what is on screen is what is stored. */
  const save = async (): Promise<boolean> => {
    if (!dirty) return true;
    if (conflict || !mayEdit) return false;
    try {
      const change = { jobId: job.id, ...jobInput(draft), expectedUpdatedAt: job.updatedAt };
      const updated = await update.mutateAsync(change);
      utils.jobs.byId.setData({ jobId: job.id }, updated);
      edits.onSaved(draft, draftOf(updated), updated.updatedAt);
      void utils.jobs.list.invalidate();
      return true;
    } catch (error) {
      if (isConcurrentChange(error as ApiError)) await utils.jobs.byId.invalidate({ jobId: job.id });
      return false;
    }
  };
  const busy = update.isPending || start.isPending;
  const run = async () => {
    if (busy || !mayEdit || job.archivedAt || !(await save())) return;
    start.mutate({ jobId: job.id });
  };
  useHotkey('s', () => void (busy || save()));
  useHotkey('Enter', () => void run());

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
        {!job.archivedAt && mayEdit && (
          <EditActions
            dirty={dirty}
            saved={update.isSuccess}
            saving={update.isPending}
            busy={busy}
            onArchive={() => setArchiving(true)}
            onSave={() => void save()}
            onRun={() => void run()}
          />
        )}
      </PageHeader>

      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <div className="order-2 min-w-0 space-y-4 lg:order-1">
          <ViewerNotice />
          {job.archivedAt && <Alert>This job is archived. It keeps its runs but can no longer be run.</Alert>}
          {conflict ? (
            <ConflictAlert thing="job" onKeepMine={edits.keepMine} onTakeTheirs={edits.takeTheirs}>
              <span className="w-full">
                Theirs: {job.name}, {plural(job.testCount, 'test')} ({job.tests.map(({ name }) => name).join(', ')}),{' '}
                {job.scheduleText ? `${job.scheduleText} ${job.timezone}` : 'by hand only'}
                {!job.enabled && ', paused'}.
              </span>
            </ConflictAlert>
          ) : (
            update.error && !isOfField && <Alert>{errorText(update.error)}</Alert>
          )}
          <fieldset disabled={!mayEdit} className="group/form min-w-0">
            <JobForm draft={draft} errors={errors} onChange={edits.edit} />
          </fieldset>
        </div>
        <div className="order-1 min-w-0 space-y-5 lg:order-2">
          <ActiveRun jobId={job.id} />
          <HistorySection of={{ jobId: job.id }} />
          <RecentRuns of={{ jobId: job.id }} />
        </div>
      </div>

      {archiving && (
        <ArchiveJob
          job={job}
          onClose={() => setArchiving(false)}
          onArchived={() => {
            archived.current = true;
            void navigate({ to: '/jobs' });
          }}
        />
      )}
      <UnsavedGuard unsaved={() => dirty && !archived.current} />
    </>
  );
}

/** How the job's newest run goes or went. */
function LastStatus({ job }: { job: Outputs['jobs']['byId'] }) {
  const activity = useActivity();
  const run = lastRunOf(job.lastRun, activity, ({ jobId }) => jobId === job.id);
  return run && <JobStatus runId={run.id} initialStatus={run.status} />;
}
