import { Archive, Play, X } from 'lucide-react';
import { useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { useRestore } from '#client/archive/use-restore.ts';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { type ApiError, errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { plural } from '#client/ui/format.ts';

type Test = { id: string; name: string };

/** Actions on several tests at once. */
export function ChosenTests({ tests, onClear }: { tests: readonly Test[]; onClear: () => void }) {
  const utils = api.useUtils();
  const { test: start } = useStartRun();
  const archive = api.tests.archive.useMutation();
  const { offerUndo } = useRestore();
  const [busy, setBusy] = useState<'run' | 'archive' | null>(null);

  const runAll = async () => {
    setBusy('run');
    const started = await Promise.allSettled(tests.map(({ id }) => start.mutateAsync({ testId: id })));
    const count = started.filter(({ status }) => status === 'fulfilled').length;
    if (count > 0) toast.info(`${plural(count, 'run')} started`);
    setBusy(null);
    onClear();
  };
  const archiveAll = async () => {
    setBusy('archive');
    const outcomes = await Promise.allSettled(tests.map(({ id }) => archive.mutateAsync({ testId: id })));
    const done = tests.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    const [refusal] = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as ApiError] : [],
    );
    if (done.length > 0)
      offerUndo(
        plural(done.length, 'test'),
        done.map(({ id: testId }) => ({ testId })),
      );
    // For example, because a job uses one.
    if (refusal)
      toast.error(`${plural(tests.length - done.length, 'test')} not archived`, { description: errorText(refusal) });
    void utils.tests.invalidate();
    setBusy(null);
    onClear();
  };
  return (
    <div
      role="region"
      aria-label="Chosen tests"
      className="sticky bottom-4 z-20 mx-auto mt-4 flex w-fit flex-wrap items-center gap-2 rounded-xl border border-line-strong bg-raised px-3 py-2 shadow-xl max-md:bottom-[calc(4.5rem+env(safe-area-inset-bottom))]"
    >
      <span role="status" className="px-1 text-sm text-muted tabular-nums">
        {tests.length} chosen
      </span>
      <Button size="sm" busy={busy === 'run'} onClick={() => void runAll()}>
        <Play aria-hidden className="size-4" /> Run {tests.length}
      </Button>
      <Button size="sm" busy={busy === 'archive'} onClick={() => void archiveAll()}>
        <Archive aria-hidden className="size-4" /> Archive {tests.length}
      </Button>
      <Button variant="ghost" size="sm" onClick={onClear}>
        <X aria-hidden className="size-4" /> Clear
      </Button>
    </div>
  );
}
