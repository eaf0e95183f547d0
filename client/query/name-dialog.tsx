import { useState } from 'react';
import { type ApiError, fieldErrors } from './trpc.ts';
import { Field } from '#client/ui/field.tsx';
import { FormDialog } from './form-dialog.tsx';

/** Asks for the name of something, new or old. */
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
  /** That it has. */
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
      <Field label="Name" error={fieldErrors(mutation.error)['name']} hint={hint}>
        {(control) => (
          <input
            {...control}
            className="control"
            required
            autoFocus
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
