import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import type { Rule } from './texts.ts';

/** Asks before the key of a webhook is rotated, and shows the new one. */
export default function RotateKey({ rule: { id, name }, onClose }: { rule: Rule; onClose: () => void }) {
  const utils = api.useUtils();
  const rotate = api.notifications.rotateKey.useMutation({ onSettled: () => utils.notifications.list.invalidate() });
  if (rotate.data)
    return (
      <Dialog title={`The new key of “${name}”`} onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
        <SecretOnce
          label="The new key of the webhook"
          text={rotate.data.secret}
          hint="Save it now: it is not shown again. For 24 hours, each message is signed with the old key, too."
        />
      </Dialog>
    );
  return (
    <ConfirmDialog
      title={`Rotate the key of “${name}”?`}
      action="Rotate key"
      busy={rotate.isPending}
      problem={rotate.error && errorText(rotate.error)}
      onConfirm={() => rotate.mutate({ ruleId: id })}
      onClose={onClose}
    >
      <p>
        The webhook gets a new key, which is shown once. For 24 hours, both keys sign each message, so that the target
        can be changed in the meantime; then the old one ends.
      </p>
    </ConfirmDialog>
  );
}
