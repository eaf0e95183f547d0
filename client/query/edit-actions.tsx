import type { ReactNode } from 'react';
import { Archive, Play, Save } from 'lucide-react';
import { Button } from '#client/ui/button.tsx';
import type { Editor } from './use-editor.ts';

/** Archive, save and run buttons of a page, and whether its draft is saved. */
export function EditActions({
  editor: { dirty, saved, saving, busy, save, run },
  onArchive,
  children,
}: {
  editor: Pick<Editor<never>, 'dirty' | 'saved' | 'saving' | 'busy' | 'save' | 'run'>;
  onArchive: () => void;
  /** What is known before a run. */
  children?: ReactNode;
}) {
  return (
    <>
      <span role="status" className="text-sm text-muted empty:sr-only">
        {dirty ? 'Unsaved changes' : saved ? 'Saved' : ''}
      </span>
      {children}
      {/* On a phone the buttons wrap to the next line together. */}
      <div className="flex items-center gap-2">
        <Button variant="ghost" className="max-sm:px-2.5" onClick={onArchive}>
          <Archive aria-hidden className="size-4" /> <span className="max-sm:sr-only">Archive</span>
        </Button>
        <Button busy={saving} disabled={!dirty} onClick={save}>
          {!saving && <Save aria-hidden className="size-4" />} Save
        </Button>
        <Button variant="primary" busy={busy} onClick={() => run()}>
          {!busy && <Play aria-hidden className="size-4" />} {dirty ? 'Save and run' : 'Run'}
        </Button>
      </div>
    </>
  );
}
