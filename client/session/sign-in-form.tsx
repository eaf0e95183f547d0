import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { Button } from '#client/ui/button.tsx';
import { Alert } from '#client/ui/states.tsx';
import { TextField } from '#client/ui/text-field.tsx';

export interface SignInField {
  name: string;
  label: string;
  type: 'text' | 'email' | 'password';
  autoComplete: string;
  hint?: string;
  /** A given value, which the user cannot change. */
  value?: string;
}

/** A form of the signed-out pages. Shows the message of an error that `onSubmit` throws. */
export function SignInForm({
  fields,
  action,
  onSubmit,
  children,
}: {
  fields: readonly SignInField[];
  action: string;
  onSubmit: (values: Record<string, string>) => Promise<void>;
  children?: ReactNode;
}) {
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(fields.map(({ name, value = '' }) => [name, value])),
  );
  const form = useRef<HTMLFormElement>(null);
  const submit = useMutation({
    mutationFn: () => onSubmit(values),
    onError: () => form.current?.querySelector<HTMLInputElement>('input:not(:read-only)')?.focus(),
  });
  const firstEmpty = fields.find(({ value }) => value === undefined)?.name;
  return (
    <form
      ref={form}
      className="mt-5 space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit.mutate();
      }}
    >
      {fields.map(({ name, label, type, autoComplete, hint, value }) => (
        <TextField
          key={name}
          label={label}
          hint={hint}
          className="read-only:text-muted"
          type={type}
          name={name}
          autoComplete={autoComplete}
          required
          readOnly={value !== undefined}
          // The page has no other purpose than this form.
          autoFocus={name === firstEmpty}
          value={values[name]}
          onChange={(text) => setValues((old) => ({ ...old, [name]: text }))}
        />
      ))}
      {submit.error && <Alert>{submit.error.message}</Alert>}
      <Button type="submit" variant="primary" className="w-full" busy={submit.isPending || submit.isSuccess}>
        {action}
      </Button>
      {children}
    </form>
  );
}

export const nameField: SignInField = { name: 'name', label: 'Your name', type: 'text', autoComplete: 'name' };
export const emailField: SignInField = {
  name: 'email',
  label: 'E-mail address',
  type: 'email',
  autoComplete: 'username',
};
export const passwordField: SignInField = {
  name: 'password',
  label: 'Password',
  type: 'password',
  autoComplete: 'current-password',
};
export const newPasswordField: SignInField = {
  ...passwordField,
  autoComplete: 'new-password',
  hint: 'At least 12 characters.',
};
