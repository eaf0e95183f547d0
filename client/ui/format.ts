import { formatDuration } from '#shared/duration-text.ts';

export { formatDuration };

/** Milliseconds so far, in whole seconds so that a ticking text does not flicker. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** An ISO time relative to `now` (epoch ms): `just now`, `5 min ago`, `in 3 h`; a date if it is over a week away. */
export function formatRelative(iso: string, now: number): string {
  const time = Date.parse(iso);
  const past = time <= now;
  const minutes = Math.round(Math.abs(now - time) / 60_000);
  if (minutes < 1) return past ? 'just now' : 'in a moment';
  if (minutes > 7 * 24 * 60) return formatDate(iso);
  const hours = Math.round(minutes / 60);
  const distance = minutes < 60 ? `${minutes} min` : hours < 24 ? `${hours} h` : plural(Math.round(hours / 24), 'day');
  return past ? `${distance} ago` : `in ${distance}`;
}

export function formatDate(iso: string): string {
  return new Date(iso).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** Date and time in the browser's time zone, or in `timeZone`, which the text then names. */
export function formatTime(iso: string, timeZone?: string): string {
  return new Date(iso).toLocaleString(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(timeZone && { timeZone, timeZoneName: 'short' }),
  });
}

/** A rate from 0 to 1 as `97 %`. Only 0 and 1 themselves read `0 %` and `100 %`. */
export function formatPercent(rate: number): string {
  const percent = Math.round(rate * 100);
  if (rate > 0 && percent === 0) return '< 1 %';
  if (rate < 1 && percent === 100) return '> 99 %';
  return `${percent} %`;
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`;
}
