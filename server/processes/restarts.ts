/** A process that lived so long, in ms, has started well. */
const steadyMs = 60_000;
const mostMs = 30_000;

/** When a process that ended is started again: at once after a steady life, then after 1 s, 2 s, 4 s and so on, 30 s at most. */
export function createRestarts() {
  let failures = 0;
  return {
    /** In ms; `livedMs`: since it was started. */
    delayAfter(livedMs: number): number {
      if (livedMs >= steadyMs) failures = 0;
      failures += 1;
      return failures === 1 ? 0 : Math.min(1_000 * 2 ** (failures - 2), mostMs);
    },
  };
}
