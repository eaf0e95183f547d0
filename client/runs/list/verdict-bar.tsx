import type { RunSummary } from '#shared/events.ts';
import { progressText } from '#shared/verdict-text.ts';

/** What became of a run's cases, as a bar and in words. */
export function VerdictBar({ run }: { run: RunSummary }) {
  const { total, passed, failed, skipped, notRun, flaky, quarantined } = run;
  const text = progressText(run);
  const part = (count: number) => ({ width: `${(100 * count) / Math.max(1, total)}%` });
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className="flex h-1.5 w-16 shrink-0 overflow-hidden rounded-full bg-line">
        <span className="bg-bad" style={part(failed)} />
        <span className="bg-warn" style={part(flaky + quarantined)} />
        <span className="bg-good" style={part(passed - flaky)} />
        <span className="bg-line-strong" style={part(skipped - notRun)} />
      </span>
      <span className="truncate" title={text}>
        {text}
      </span>
    </span>
  );
}
