import type { RunSummary } from '#shared/events.ts';

/** The day on which the runs below it were queued. */
export interface DayHeading {
  id: string;
  day: string;
}

/** Runs, newest first, with a heading above those of each day of the browser's time zone. */
export function withDays(runs: readonly RunSummary[], now: number): (RunSummary | DayHeading)[] {
  let day = '';
  return runs.flatMap((run) => {
    const date = new Date(run.queuedAt).toDateString();
    if (date === day) return [run];
    day = date;
    return [{ id: `day of ${run.id}`, day: dayText(new Date(run.queuedAt), new Date(now)) }, run];
  });
}

const dayMs = 24 * 3_600_000;

function dayText(date: Date, now: Date): string {
  const text = date.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
  if (date.toDateString() === now.toDateString()) return `Today, ${text}`;
  return date.toDateString() === new Date(now.getTime() - dayMs).toDateString() ? `Yesterday, ${text}` : text;
}
