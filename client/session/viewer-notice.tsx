import { Eye } from 'lucide-react';
import { useMayEdit } from './use-may-edit.ts';

/** Tells viewers why a page has nothing to change or run. Renders nothing for others. */
export function ViewerNotice() {
  const mayEdit = useMayEdit();
  if (mayEdit) return null;
  return (
    <p className="flex items-start gap-2 rounded-lg border border-line bg-sunken px-3.5 py-2.5 text-sm text-muted">
      <Eye aria-hidden className="mt-0.5 size-4 shrink-0" />
      You are a viewer of this project: you can look at this and follow its runs. Editors can change, run and cancel.
    </p>
  );
}
