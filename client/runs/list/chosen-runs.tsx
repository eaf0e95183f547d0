import { Ban, RotateCcw, X } from 'lucide-react';
import { Button } from '#client/ui/button.tsx';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

/** Actions on all selected runs. */
export function ChosenRuns({
  runs,
  onCancel,
  onRetry,
  onClear,
}: {
  runs: readonly RunSummary[];
  onCancel: () => void;
  onRetry: (finished: RunSummary[]) => void;
  onClear: () => void;
}) {
  const over = runs.filter(({ status }) => isTerminal(status));
  const live = runs.length - over.length;
  // Reported runs start elsewhere.
  const finished = over.filter(({ origin }) => origin === 'worker');
  return (
    <div
      role="region"
      aria-label="Chosen runs"
      className="sticky bottom-4 z-20 max-md:bottom-[calc(4.5rem+env(safe-area-inset-bottom))] mx-auto mt-4 flex w-fit flex-wrap items-center gap-2 rounded-xl border border-line-strong bg-raised px-3 py-2 shadow-xl"
    >
      <span role="status" className="px-1 text-sm text-muted tabular-nums">
        {runs.length} chosen
      </span>
      {live > 0 && (
        <Button variant="danger" size="sm" onClick={onCancel}>
          <Ban aria-hidden className="size-4" /> Cancel {live}
        </Button>
      )}
      {finished.length > 0 && (
        <Button size="sm" onClick={() => onRetry(finished)}>
          <RotateCcw aria-hidden className="size-4" /> Retry {finished.length}
        </Button>
      )}
      <Button variant="ghost" size="sm" onClick={onClear}>
        <X aria-hidden className="size-4" /> Clear
      </Button>
    </div>
  );
}
