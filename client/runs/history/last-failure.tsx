import { TriangleAlert } from 'lucide-react';
import { stripAnsi } from '#client/ui/ansi.ts';
import { RelativeTime } from '#client/ui/time.tsx';
import type { Failure, Verdict } from '#shared/events.ts';
import { isFailure, isSuccess } from '#shared/run-status.ts';

/** Time and error of the last failure; red while no run has passed since. */
export function LastFailure({ failure, verdicts }: { failure: Failure; verdicts: readonly Verdict[] }) {
  const newest = verdicts.find(({ status }) => isSuccess(status) || isFailure(status));
  const error = failure.error && stripAnsi(failure.error);
  const current = newest?.runId === failure.runId;
  return (
    <span className={`flex min-w-0 items-center gap-1.5 text-[0.8125rem] ${current ? 'text-bad' : 'text-muted'}`}>
      <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
      <span className="shrink-0 @max-xl:shrink @max-xl:[&_time]:whitespace-normal">
        {current ? 'Failed' : 'Last failed'} <RelativeTime iso={failure.startedAt ?? failure.queuedAt} />
        {error && <span className="@max-xl:hidden">:</span>}
      </span>
      {error && (
        <span className="truncate @max-xl:hidden" title={error}>
          {error}
        </span>
      )}
    </span>
  );
}
