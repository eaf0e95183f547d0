import { cleanLine } from '#shared/clean-text.ts';

/** Between two lines about the same step, in ms. */
const intervalMs = 5_000;

/** Passes on how far git is: the end of each step, and where it is every few seconds. */
export function createProgressFilter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  let saidAt = performance.now();
  return (chunk) => {
    const lines = (rest + chunk).split(/[\r\n]/);
    rest = lines.pop()!;
    for (const line of lines) {
      const isDue = /%/.test(line) && performance.now() - saidAt >= intervalMs;
      if (!isDue && !/, done\.\s*$/.test(line)) continue;
      saidAt = performance.now();
      onLine(cleanLine(line));
    }
  };
}
