/**
 * How long a run will go on, from the time that the same thing usually takes (both in ms): `about 6 min left`, or that it
 * takes longer than usual.
 */
export function timeLeftText(elapsedMs: number, expectedMs: number): string {
  const left = expectedMs - elapsedMs;
  if (left >= 90_000) return `about ${Math.round(left / 60_000)} min left`;
  if (left >= 45_000) return 'about 1 min left';
  if (left >= 10_000) return `about ${Math.round(left / 10_000) * 10} s left`;
  if (left >= -Math.max(10_000, expectedMs / 4)) return 'a few seconds left';
  return `longer than usual (${expectedMs < 60_000 ? `${Math.round(expectedMs / 1_000)} s` : `${Math.round(expectedMs / 60_000)} min`})`;
}
