import { useState } from 'react';
import { TextField } from '#client/ui/text-field.tsx';
import { FormDialog } from './form-dialog.tsx';
import { type ApiError, fieldErrors } from './api-error.ts';

/** Asks for the name of something that is created or renamed. */
export function NameDialog({
  title,
  action,
  hint,
  name = '',
  mutation,
  onClose,
}: {
  title: string;
  action: string;
  hint?: string;
  /** The name so far. */
  name?: string;
  mutation: {
    isPending: boolean;
    error: ApiError | null;
    mutate: (input: { name: string }, options: { onSuccess: () => void }) => void;
  };
  onClose: () => void;
}) {
  const [value, setValue] = useState(name);
  return (
    <FormDialog
      title={title}
      action={action}
      busy={mutation.isPending}
      error={mutation.error}
      onSubmit={() => mutation.mutate({ name: value }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextField
        label="Name"
        error={fieldErrors(mutation.error)['name']}
        hint={hint}
        required
        autoFocus
        value={value}
        onChange={setValue}
      />
    </FormDialog>
  );
}
