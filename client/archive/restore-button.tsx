import { ArchiveRestore } from 'lucide-react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { type Archivable, useRestore } from './use-restore.ts';

/** Brings an archived test, job or suite back; nothing for viewers. */
export function RestoreButton({ of: owner, name }: { of: Archivable; name: string }) {
  const { restore, busy } = useRestore();
  if (!useMayEdit()) return null;
  return (
    <Button
      size="sm"
      className="relative z-10"
      aria-label={`Restore ${name}`}
      busy={busy}
      onClick={() => restore(owner)}
    >
      {!busy && <ArchiveRestore aria-hidden className="size-4" />} <span className="hidden @xl:inline">Restore</span>
    </Button>
  );
}
