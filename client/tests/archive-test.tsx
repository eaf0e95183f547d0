import { JobLink } from '#client/jobs/job-link.tsx';
import { api, errorText, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Alert } from '#client/ui/states.tsx';

/** Asks before a test is archived; names the jobs that still need it. */
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
  const archive = api.tests.archive.useMutation({
    onSuccess: () => {
      void utils.tests.list.invalidate();
      void utils.tests.byId.invalidate({ testId: test.id });
      onArchived();
    },
  });
  const needed = test.jobs.length > 0;
  return (
    <Dialog
      title={needed ? 'Jobs still need this test' : `Archive “${test.name}”?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{needed ? 'Close' : 'Keep it'}</Button>
          {!needed && (
            <Button variant="danger" busy={archive.isPending} onClick={() => archive.mutate({ testId: test.id })}>
              Archive
            </Button>
          )}
        </>
      }
    >
      {needed ? (
        <>
          <p>Take it out of these jobs first, then archive it:</p>
          <ul className="space-y-1.5">
            {test.jobs.map((job) => (
              <li key={job.id}>
                <JobLink job={job} />
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>It disappears from the list and can no longer be run. Its past runs stay.</p>
      )}
      {archive.error && <Alert>{errorText(archive.error)}</Alert>}
    </Dialog>
  );
}
