import { useId, type ReactNode } from 'react';
import { type ApiError, errorText, fieldErrors } from './trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Alert } from '#client/ui/states.tsx';

/** A few fields in front of the page; a refusal that is about none of them is shown below. */
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
  /** What the button is called. */
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
        {error && Object.keys(fieldErrors(error)).length === 0 && <Alert>{errorText(error)}</Alert>}
      </form>
    </Dialog>
  );
}
