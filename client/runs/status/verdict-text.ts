/** How a number of cases came out, everywhere in the same words: `2 of 40 failed`, `40 of 40 passed`, `12 of 40 done`. */
export function verdictText({
  total,
  passed,
  failed,
  done,
}: {
  total: number;
  passed: number;
  failed: number;
  /** Those that have a result, whatever it is. Left out once the run is over. */
  done?: number | undefined;
}): string {
  const of = (count: number) => `${count.toLocaleString()} of ${total.toLocaleString()}`;
  if (done === undefined) return failed > 0 ? `${of(failed)} failed` : `${of(passed)} passed`;
  return failed > 0 ? `${of(done)} done, ${failed.toLocaleString()} failed` : `${of(done)} done`;
}
