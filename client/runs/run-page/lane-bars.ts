import type { PartState } from '#shared/run-cases.ts';
import { isFailureKind, kindOf } from '#client/runs/case-data/case-kind.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';

/** Times in ms since the run was queued. */
export interface Lane {
  part: PartState;
  begin: number | null;
  end: number | null;
}

/** Paths of an SVG of 1000 × 12 units: a bar for each case that has ended. Failures are drawn last. */
export interface LaneBars {
  other: string;
  flaky: string;
  failed: string;
}

/** The bars of each part. Cases without times have none. */
export function barsOf(
  parts: readonly PartState[],
  states: RunCases['states'],
  times: readonly (readonly [index: number, begin: number, end: number | null])[],
  { first, last }: { first: number; last: number },
): LaneBars[] {
  const bars = parts.map((): LaneBars => ({ other: '', flaky: '', failed: '' }));
  const unit = 1_000 / (last - first);
  for (const [index, begin, end] of times) {
    if (end === null) continue;
    const place = parts.findIndex(({ firstIndex, total }) => index >= firstIndex && index < firstIndex + total);
    const lane = bars[place];
    if (!lane) continue;
    const kind = kindOf(states[index]);
    const of = isFailureKind(kind) ? 'failed' : kind === 'flaky' ? 'flaky' : 'other';
    // One failure among thousands is still two units wide, and higher than the others.
    const width = Math.max(of === 'other' ? 0.6 : 2, (end - begin) * unit - 0.3);
    const [top, height] = of === 'other' ? [3, 6] : [0, 12];
    lane[of] += `M${((begin - first) * unit).toFixed(1)} ${top}h${width.toFixed(1)}v${height}h-${width.toFixed(1)}z`;
  }
  return bars;
}
