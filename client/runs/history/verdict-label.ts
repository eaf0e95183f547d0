import type { Verdict } from '#shared/events.ts';
import { statusLook } from '#client/runs/status/status-look.ts';
import { isFailure, type RunStatus } from '#shared/run-status.ts';

interface Labelled {
  status: RunStatus;
  /** Passed after a failed attempt. */
  flaky?: boolean;
  /** The failure counted for nothing. */
  quarantined?: boolean;
  /** Where the status of a run has no word for it. */
  label?: string;
}

/** A verdict of a run or of a case. */
export type ShownVerdict = Verdict & Labelled;

/** A verdict in a word or three. */
export function verdictLabel({ status, flaky = false, quarantined = false, label: given }: Labelled): string {
  if (given !== undefined) return given;
  if (status === 'passed' && flaky) return 'Flaky';
  const { label } = statusLook[status];
  return quarantined && isFailure(status) ? `${label} in quarantine` : label;
}

/** Number of verdicts per label, the most frequent first: `9 passed, 1 flaky`. */
export function countsText(verdicts: readonly Labelled[]): string {
  const counts = new Map<string, number>();
  for (const verdict of verdicts) {
    const label = verdictLabel(verdict).toLowerCase();
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([label, count]) => `${count} ${label}`).join(', ');
}
