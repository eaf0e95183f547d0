import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Alert } from './states.tsx';

/** Asks before something that cannot be undone. Mount it to open it; the caller closes it once the action has succeeded. */
export function ConfirmDialog({
  title,
  action,
  keep = 'Cancel',
  busy = false,
  problem,
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  /** The label of the button that does it. */
  action: string;
  /** The label of the button that leaves everything as it is. */
  keep?: string;
  busy?: boolean;
  /** Why the action failed. */
  problem?: string | null;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{keep}</Button>
          <Button variant="danger" busy={busy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {children}
      {problem && <Alert>{problem}</Alert>}
    </Dialog>
  );
}
