import { Link, useNavigate } from '@tanstack/react-router';
import { Save } from 'lucide-react';
import { useRef, useState } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { ViewerNotice } from '#client/session/viewer-notice.tsx';
import { Refusal } from '#client/query/refusal.tsx';
import { fieldErrors } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { useHotkey } from '#client/ui/use-hotkey.ts';
import { blankJob, jobInput, sameJob } from './job-draft.ts';
import { JobForm } from './job-form.tsx';

export function NewJobPage() {
  const navigate = useNavigate();
  const utils = api.useUtils();
  const [blank] = useState(blankJob);
  const [draft, setDraft] = useState(blank);
  const mayEdit = useMayEdit();
  const saved = useRef(false);
  const create = api.jobs.create.useMutation({
    onSuccess: (job) => {
      saved.current = true;
      utils.jobs.byId.setData({ jobId: job.id }, job);
      void utils.jobs.list.invalidate();
      void navigate({ to: '/jobs/$jobId', params: { jobId: job.id } });
    },
  });
  const errors = fieldErrors(create.error);
  const save = () => {
    if (mayEdit && !create.isPending) create.mutate(jobInput(draft));
  };
  useHotkey('s', save);

  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        title="New job"
        above={
          <Link to="/jobs" className="link">
            Jobs
          </Link>
        }
      >
        <Button variant="primary" busy={create.isPending} disabled={!mayEdit} onClick={save}>
          {!create.isPending && <Save aria-hidden className="size-4" />} Create job
        </Button>
      </PageHeader>
      <div className="space-y-4">
        <ViewerNotice />
        <Refusal error={create.error} />
        <JobForm draft={draft} errors={errors} onChange={(change) => setDraft((old) => ({ ...old, ...change }))} />
      </div>
      <UnsavedGuard isUnsaved={() => !sameJob(draft, blank) && !saved.current} />
    </div>
  );
}
