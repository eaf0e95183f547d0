import { Archive, Play, Save } from 'lucide-react';
import { Button } from './button.tsx';

/** What can be done with something that is open for editing and can be run, and whether it is saved. */
export function EditActions({
  dirty,
  saved,
  saving,
  busy,
  onArchive,
  onSave,
  onRun,
}: {
  dirty: boolean;
  /** It has been saved since the page was opened. */
  saved: boolean;
  saving: boolean;
  /** It is being saved or started. */
  busy: boolean;
  onArchive: () => void;
  onSave: () => void;
  onRun: () => void;
}) {
  return (
    <>
      <span role="status" className="text-sm text-muted empty:sr-only">
        {dirty ? 'Unsaved changes' : saved ? 'Saved' : ''}
      </span>
      {/* On a phone they go to the next line together. */}
      <div className="flex items-center gap-2">
        <Button variant="ghost" className="max-sm:px-2.5" onClick={onArchive}>
          <Archive aria-hidden className="size-4" /> <span className="max-sm:sr-only">Archive</span>
        </Button>
        <Button busy={saving} disabled={!dirty} onClick={onSave}>
          {!saving && <Save aria-hidden className="size-4" />} Save
        </Button>
        <Button variant="primary" busy={busy} onClick={onRun}>
          {!busy && <Play aria-hidden className="size-4" />} {dirty ? 'Save and run' : 'Run'}
        </Button>
      </div>
    </>
  );
}
