import type { ComponentProps, ReactNode } from 'react';
import { Field } from './field.tsx';

/** A labelled input for text; takes every attribute of an `input`. */
export function TextField({
  label,
  hint,
  error,
  className = '',
  onChange,
  ...input
}: Omit<ComponentProps<'input'>, 'onChange'> & {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  onChange: (text: string) => void;
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <input
          {...input}
          {...control}
          className={`control ${className}`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
