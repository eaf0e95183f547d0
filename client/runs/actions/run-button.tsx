import { Play } from 'lucide-react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { useStartRun } from './use-start-run.ts';

/** Runs a test or a job from its row in a list. The row shows the run, and a toast announces its end. */
export function RunButton({ of: owner, name }: { of: { testId: string } | { jobId: string }; name: string }) {
  const { test, job } = useStartRun();
  const mayRun = useMayEdit();
  const busy = test.isPending || job.isPending;
  if (!mayRun) return null;
  return (
    <Button
      size="sm"
      className="relative z-10"
      aria-label={`Run ${name}`}
      busy={busy}
      onClick={() => ('testId' in owner ? test.mutate(owner) : job.mutate(owner))}
    >
      {!busy && <Play aria-hidden className="size-4" />}
      <span className="hidden @xl:inline">Run</span>
    </Button>
  );
}
