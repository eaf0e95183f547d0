import { useRestore } from '#client/archive/use-restore.ts';
import { errorText } from '#client/query/api-error.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';

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
  const { offerUndo } = useRestore();
  const archive = api.jobs.archive.useMutation({
    onSuccess: () => {
      void utils.jobs.list.invalidate();
      void utils.jobs.byId.invalidate({ jobId: job.id });
      // The job's tests can be archived now.
      void utils.tests.byId.invalidate();
      onArchived();
      offerUndo(`“${job.name}”`, [{ jobId: job.id }]);
    },
  });
  return (
    <ConfirmDialog
      title={`Archive “${job.name}”?`}
      action="Archive"
      busy={archive.isPending}
      problem={archive.error && errorText(archive.error)}
      onConfirm={() => archive.mutate({ jobId: job.id })}
      onClose={onClose}
    >
      <p>
        The job is removed from the list and can no longer be run
        {job.schedule ? ', neither by hand nor on its schedule' : ''}. Its tests and past runs stay. It can be restored.
      </p>
    </ConfirmDialog>
  );
}
