import { formatElapsed, formatRelative, formatTime } from './format.ts';
import { useNow } from './use-now.ts';

/** A time relative to now, with the full time in the tooltip. Times in the future need `ahead`. */
export function RelativeTime({ iso, ahead = false }: { iso: string; ahead?: boolean }) {
  const clock = useNow(20_000);
  // The server's clock may be ahead of the browser's: a past event is never shown as a future one.
  const now = ahead ? clock : Math.max(clock, Date.parse(iso));
  return (
    <time dateTime={iso} title={formatTime(iso)} className="whitespace-nowrap">
      {formatRelative(iso, now)}
    </time>
  );
}

/** The time since a moment, ticking. */
export function Elapsed({ since }: { since: string }) {
  const now = useNow(500);
  return <span className="tabular-nums">{formatElapsed(now - Date.parse(since))}</span>;
}
