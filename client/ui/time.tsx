import { formatElapsed, formatRelative, formatTime } from './format.ts';
import { useNow } from './use-now.ts';

/** A moment as its distance from now; the whole time in the tooltip. Only `ahead` may it lie in the future. */
export function RelativeTime({ iso, ahead = false }: { iso: string; ahead?: boolean }) {
  const clock = useNow(20_000);
  // What has happened is never shown as to come, though the server's clock may be ahead of this one.
  const now = ahead ? clock : Math.max(clock, Date.parse(iso));
  return (
    <time dateTime={iso} title={formatTime(iso)} className="whitespace-nowrap">
      {formatRelative(iso, now)}
    </time>
  );
}

/** Time that has passed since a moment, ticking. */
export function Elapsed({ since }: { since: string }) {
  const now = useNow(500);
  return <span className="tabular-nums">{formatElapsed(now - Date.parse(since))}</span>;
}
