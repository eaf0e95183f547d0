import { formatTime, plural } from '#client/ui/format.ts';
import { isFailure } from '#shared/run-status.ts';
import { countsText, type ShownVerdict, verdictLabel } from './verdict-label.ts';

const shown = 12;

/** The last runs as bars, the newest on the right; a place without a verdict stays empty. Failed runs have taller bars than passed ones. */
export function VerdictStrip({
  verdicts,
  length = shown,
}: {
  verdicts: readonly (ShownVerdict | undefined)[];
  length?: number;
}) {
  const newest = verdicts.slice(0, length);
  return (
    <span
      role="img"
      aria-label={stripText(newest.filter((verdict) => verdict !== undefined))}
      className="flex h-5 items-end gap-0.5"
    >
      {Array.from({ length }, (_, index) => {
        const verdict = newest[length - 1 - index];
        if (!verdict) return <span key={index} className="h-0.5 w-1.5 rounded-full bg-line" />;
        return (
          <span
            key={index}
            title={`${verdictLabel(verdict)}, ${formatTime(verdict.startedAt ?? verdict.queuedAt)}`}
            className={`w-1.5 rounded-xs ${barClass(verdict)}`}
          />
        );
      })}
    </span>
  );
}

function barClass({ status, flaky = false, quarantined = false }: ShownVerdict): string {
  if (isFailure(status)) {
    if (quarantined) return 'h-5 border border-bad bg-bad-tint';
    return `h-5 ${status === 'timed_out' ? 'bg-warn' : 'bg-bad'}`;
  }
  switch (status) {
    case 'passed':
      return flaky ? 'h-4 border-t-6 border-warn bg-good' : 'h-3 bg-good';
    case 'running':
      return 'h-3 animate-pulse border border-busy bg-busy-tint';
    case 'queued':
      return 'h-2 border border-line-strong';
    default:
      return 'h-1.5 bg-line-strong';
  }
}

function stripText(verdicts: readonly ShownVerdict[]): string {
  const [newest] = verdicts;
  if (!newest) return 'No runs yet';
  return `Last ${plural(verdicts.length, 'run')}: ${countsText(verdicts)}. Newest: ${verdictLabel(newest).toLowerCase()}`;
}
