import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import type { SuiteBundle } from '#shared/suites.ts';

/** Asks before a bundle is deleted. */
export default function DeleteBundle({ bundle, onClose }: { bundle: SuiteBundle; onClose: () => void }) {
  const utils = api.useUtils();
  const remove = api.suites.deleteBundle.useMutation({
    onSuccess: () => {
      void utils.suites.invalidate();
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Delete the bundle ${bundle.hash.slice(0, 12)}?`}
      action="Delete"
      busy={remove.isPending}
      problem={remove.error && errorText(remove.error)}
      onConfirm={() => remove.mutate({ bundleId: bundle.id })}
      onClose={onClose}
    >
      <p>Runs of it that still wait end with an error. Runs that are over stay, but cannot be retried here.</p>
    </ConfirmDialog>
  );
}
