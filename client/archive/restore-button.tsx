import { ArchiveRestore } from 'lucide-react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { useRestore } from './use-restore.ts';

/** Brings an archived test or job back; nothing for viewers. */
export function RestoreButton({ of: owner, name }: { of: { testId: string } | { jobId: string }; name: string }) {
  const { test, job } = useRestore();
  const busy = test.isPending || job.isPending;
  if (!useMayEdit()) return null;
  return (
    <Button
      size="sm"
      className="relative z-10"
      aria-label={`Restore ${name}`}
      busy={busy}
      onClick={() => ('testId' in owner ? test.mutate(owner) : job.mutate(owner))}
    >
      {!busy && <ArchiveRestore aria-hidden className="size-4" />} <span className="hidden @xl:inline">Restore</span>
    </Button>
  );
}
