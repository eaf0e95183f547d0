/** How much longer or shorter a case took than it usually does, where that is worth a word: `+2.1 s`, `−40 %`. */
export function differenceText(duration: number | null, median: number | null | undefined): string | null {
  if (duration === null || median == null || median <= 0) return null;
  const difference = duration - median;
  // Half as long again or a third less, and not a matter of milliseconds.
  if (Math.abs(difference) < 250 || (duration < median * 1.5 && duration > median / 1.5)) return null;
  const seconds = Math.abs(difference) / 1_000;
  const sign = difference > 0 ? '+' : '−';
  return seconds < 60 ? `${sign}${seconds.toFixed(1)} s` : `${sign}${Math.round(seconds / 60)} m`;
}
