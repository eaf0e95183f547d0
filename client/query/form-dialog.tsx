import { useId, type ReactNode } from 'react';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Refusal } from './refusal.tsx';
import type { ApiError } from './api-error.ts';

/** A form in a dialog. Refusals that are not about a field are shown below the fields. */
export function FormDialog({
  title,
  action,
  busy,
  error,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  /** The label of the button. */
  action: string;
  busy: boolean;
  error: ApiError | null;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={id} variant="primary" busy={busy}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="space-y-4 pt-1 text-ink"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <Refusal error={error} />
      </form>
    </Dialog>
  );
}
