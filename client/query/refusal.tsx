import { useEffect, useRef } from 'react';
import { Alert } from '#client/ui/states.tsx';
import { focusFirstWrongField } from '#client/ui/focus-field.ts';
import { type ApiError, errorText, fieldErrors } from './api-error.ts';

/**
 * Why the server refused a form. Complaints about a field are left out: they stand at the field, and the first such field of
 * the form, or of the section around it, gets the focus.
 */
export function Refusal({ error }: { error: ApiError | null }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (error) focusFirstWrongField(place.current?.closest('form, section, main'));
  }, [error]);
  if (!error) return null;
  const fields = Object.keys(fieldErrors(error)).filter((field) => field !== 'expectedUpdatedAt');
  return fields.length === 0 ? <Alert>{errorText(error)}</Alert> : <span ref={place} hidden />;
}
