import { statusLook } from '#client/runs/status/status-look.ts';
import { formatTime, plural } from '#client/ui/format.ts';
import type { Verdict } from '#shared/events.ts';
import { isFailure, type RunStatus } from '#shared/run-status.ts';
import { countStatuses } from './verdicts.ts';

const shown = 12;

/** The last runs as bars, the newest on the right. Failed runs have taller bars than passed ones. */
export function VerdictStrip({ verdicts }: { verdicts: readonly Verdict[] }) {
  const newest = verdicts.slice(0, shown);
  return (
    <span role="img" aria-label={stripText(newest)} className="flex h-5 items-end gap-0.5">
      {Array.from({ length: shown }, (_, index) => {
        const verdict = newest[shown - 1 - index];
        if (!verdict) return <span key={index} className="h-0.5 w-1.5 rounded-full bg-line" />;
        return (
          <span
            key={index}
            title={`${statusLook[verdict.status].label}, ${formatTime(verdict.startedAt ?? verdict.queuedAt)}`}
            className={`w-1.5 rounded-xs ${barClass(verdict.status)}`}
          />
        );
      })}
    </span>
  );
}

function barClass(status: RunStatus): string {
  if (isFailure(status)) return `h-5 ${status === 'timed_out' ? 'bg-warn' : 'bg-bad'}`;
  switch (status) {
    case 'passed':
      return 'h-3 bg-good';
    case 'running':
      return 'h-3 animate-pulse border border-busy bg-busy-tint';
    case 'queued':
      return 'h-2 border border-line-strong';
    default:
      return 'h-1.5 bg-line-strong';
  }
}

function stripText(verdicts: readonly Verdict[]): string {
  const [newest] = verdicts;
  if (!newest) return 'No runs yet';
  const counts = countStatuses(verdicts).map(([status, count]) => `${count} ${statusLook[status].label.toLowerCase()}`);
  return `Last ${plural(verdicts.length, 'run')}: ${counts.join(', ')}. Newest: ${statusLook[newest.status].label.toLowerCase()}`;
}
