import { getRouteApi, Link } from '@tanstack/react-router';
import { Archive, Play, Save } from 'lucide-react';
import { useRef, useState } from 'react';
import { RecentRuns } from '#client/runs/recent-runs.tsx';
import { useStartRun } from '#client/runs/use-start-run.ts';
import { LoadFailure } from '#client/load-failure.tsx';
import { api, errorText, fieldErrors, type Outputs } from '#client/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { Alert, Skeleton } from '#client/ui/states.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { useHotkey } from '#client/ui/use-hotkey.ts';
import { ActiveRun } from './active-run.tsx';
import { ArchiveJob } from './archive-job.tsx';
import { draftOf, jobInput, sameJob, type JobDraft } from './job-draft.ts';
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
  const [edits, setEdits] = useState<Partial<JobDraft>>({});
  const [archiving, setArchiving] = useState(false);
  const archived = useRef(false);
  const update = api.jobs.update.useMutation();
  const { job: start } = useStartRun();

  const stored = draftOf(job);
  const draft: JobDraft = { ...stored, ...edits };
  const dirty = !sameJob(draft, stored);
  const errors = fieldErrors(update.error);

  /** True when what is on screen is what is stored. */
  const save = async (): Promise<boolean> => {
    if (!dirty) return true;
    try {
      const updated = await update.mutateAsync({ jobId: job.id, ...jobInput(draft) });
      utils.jobs.byId.setData({ jobId: job.id }, updated);
      // What was changed while the request was under way stays an edit.
      setEdits((now) => (now === edits ? {} : now));
      void utils.jobs.list.invalidate();
      return true;
    } catch {
      return false;
    }
  };
  const busy = update.isPending || start.isPending;
  const run = async () => {
    if (busy || job.archivedAt || !(await save())) return;
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
        <span role="status" className="text-sm text-muted">
          {dirty ? 'Unsaved changes' : update.isSuccess ? 'Saved' : ''}
        </span>
        {!job.archivedAt && (
          <>
            <Button variant="ghost" onClick={() => setArchiving(true)}>
              <Archive aria-hidden className="size-4" /> Archive
            </Button>
            <Button busy={update.isPending} disabled={!dirty} onClick={() => void save()}>
              {!update.isPending && <Save aria-hidden className="size-4" />} Save
            </Button>
            <Button variant="primary" busy={busy} onClick={() => void run()}>
              {!busy && <Play aria-hidden className="size-4" />} {dirty ? 'Save and run' : 'Run'}
            </Button>
          </>
        )}
      </PageHeader>

      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <div className="order-2 min-w-0 space-y-4 lg:order-1">
          {job.archivedAt && <Alert>This job is archived. It keeps its runs but can no longer be run.</Alert>}
          {update.error && Object.keys(errors).length === 0 && <Alert>{errorText(update.error)}</Alert>}
          <JobForm draft={draft} errors={errors} onChange={(change) => setEdits((old) => ({ ...old, ...change }))} />
        </div>
        <div className="order-1 min-w-0 space-y-5 lg:order-2">
          <ActiveRun jobId={job.id} />
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
