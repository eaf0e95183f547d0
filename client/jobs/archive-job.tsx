import { api, errorText, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Alert } from '#client/ui/states.tsx';

/** Asks before a job is archived. */
export function ArchiveJob({
  job,
  onClose,
  onArchived,
}: {
  job: Outputs['jobs']['byId'];
  onClose: () => void;
  onArchived: () => void;
}) {
  const utils = api.useUtils();
  const archive = api.jobs.archive.useMutation({
    onSuccess: () => {
      void utils.jobs.list.invalidate();
      void utils.jobs.byId.invalidate({ jobId: job.id });
      // Its tests no longer stand in the way of being archived.
      void utils.tests.byId.invalidate();
      onArchived();
    },
  });
  return (
    <Dialog
      title={`Archive “${job.name}”?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button variant="danger" busy={archive.isPending} onClick={() => archive.mutate({ jobId: job.id })}>
            Archive
          </Button>
        </>
      }
    >
      <p>
        It disappears from the list and no longer starts{job.schedule ? ', not even on its schedule' : ''}. Its tests
        and its past runs stay.
      </p>
      {archive.error && <Alert>{errorText(archive.error)}</Alert>}
    </Dialog>
  );
}
