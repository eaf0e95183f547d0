import { Alert } from '#client/ui/states.tsx';
import { type ApiError, errorText, fieldErrors } from './api-error.ts';

/** Why the server refused a form. Complaints about a field are left out: they stand at the field. */
export function Refusal({ error }: { error: ApiError | null }) {
  if (!error) return null;
  const fields = Object.keys(fieldErrors(error)).filter((field) => field !== 'expectedUpdatedAt');
  return fields.length === 0 && <Alert>{errorText(error)}</Alert>;
}
