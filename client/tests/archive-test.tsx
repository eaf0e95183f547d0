import { useRestore } from '#client/archive/use-restore.ts';
import { JobLink } from '#client/jobs/job-link.tsx';
import { errorText } from '#client/query/api-error.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { Dialog } from '#client/ui/dialog.tsx';

/** Asks before a test is archived. A test that jobs use cannot be: then the dialog names the jobs. */
export function ArchiveTest({
  test,
  onClose,
  onArchived,
}: {
  test: Outputs['tests']['byId'];
  onClose: () => void;
  onArchived: () => void;
}) {
  const utils = api.useUtils();
  const { offerUndo } = useRestore();
  const archive = api.tests.archive.useMutation({
    onSuccess: () => {
      void utils.tests.list.invalidate();
      void utils.tests.byId.invalidate({ testId: test.id });
      onArchived();
      offerUndo(`“${test.name}”`, [{ testId: test.id }]);
    },
  });
  if (test.jobs.length > 0) {
    return (
      <Dialog title="Jobs still use this test" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
        <p>Remove it from these jobs first, then archive it:</p>
        <ul className="space-y-1.5">
          {test.jobs.map((job) => (
            <li key={job.id}>
              <JobLink job={job} />
            </li>
          ))}
        </ul>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      title={`Archive “${test.name}”?`}
      action="Archive"
      busy={archive.isPending}
      problem={archive.error && errorText(archive.error)}
      onConfirm={() => archive.mutate({ testId: test.id })}
      onClose={onClose}
    >
      <p>The test is removed from the list and can no longer be run. Its past runs stay. It can be restored.</p>
    </ConfirmDialog>
  );
}
