import { useEffect, useRef, useState } from 'react';
import { Alert } from '#client/ui/states.tsx';
import { focusFirstWrongField } from '#client/ui/focus-field.ts';
import { type ApiError, errorText, fieldErrors } from './api-error.ts';

/**
 * Why the server refused a form. Complaints about a field that the form shows are left out: they stand at the field, and the
 * first such field of the form, or of the section around it, gets the focus.
 */
export function Refusal({ error }: { error: ApiError | null }) {
  const place = useRef<HTMLSpanElement>(null);
  /** An error about fields that the form does not show. */
  const [unplaced, setUnplaced] = useState<ApiError | null>(null);
  useEffect(() => {
    if (error && !focusFirstWrongField(place.current?.closest('form, section, main'))) setUnplaced(error);
  }, [error]);
  if (!error) return null;
  const fields = Object.keys(fieldErrors(error)).filter((field) => field !== 'expectedUpdatedAt');
  const isAtField = fields.length > 0 && unplaced !== error;
  return <span ref={place}>{!isAtField && <Alert>{errorText(error)}</Alert>}</span>;
}
