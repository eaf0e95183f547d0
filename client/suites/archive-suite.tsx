import { useRestore } from '#client/archive/use-restore.ts';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';

/** Asks before a suite is archived. */
export default function ArchiveSuite({
  suite: { id: suiteId, name },
  onClose,
  onArchived,
}: {
  suite: { id: string; name: string };
  onClose: () => void;
  onArchived: () => void;
}) {
  const utils = api.useUtils();
  const { offerUndo } = useRestore();
  const archive = api.suites.archive.useMutation({
    onSuccess: () => {
      void utils.suites.invalidate();
      onArchived();
      offerUndo(`“${name}”`, [{ suiteId }]);
    },
  });
  return (
    <ConfirmDialog
      title={`Archive “${name}”?`}
      action="Archive"
      busy={archive.isPending}
      problem={archive.error && errorText(archive.error)}
      onConfirm={() => archive.mutate({ suiteId })}
      onClose={onClose}
    >
      <p>
        The suite is removed from the list. Its runs stay, and a CI that still reports it goes on to do so. It can be
        restored.
      </p>
    </ConfirmDialog>
  );
}
