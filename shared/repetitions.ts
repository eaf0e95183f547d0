import { reportLimits } from './report-limits.ts';

/** How often a case can be repeated to see whether it is flaky. */
export const repetitionLimits = { least: 2, most: 50, default: 10 } as const;

/**
 * The titles of a repetition of a case (Playwright's `repeatEachIndex`), by which suites tell repetitions apart. The first one is the
 * case itself.
 */
export function withRepetition(titlePath: readonly string[], repeat: number): string[] {
  if (repeat === 0) return [...titlePath];
  const suffix = suffixOf(repeat);
  const last = titlePath.at(-1) ?? '';
  return [...titlePath.slice(0, -1), `${last.slice(0, reportLimits.title - suffix.length)}${suffix}`];
}

/** Undoes `withRepetition`. */
export function withoutRepetition(titlePath: readonly string[], repeat: number): string[] {
  const last = titlePath.at(-1) ?? '';
  if (repeat === 0 || !last.endsWith(suffixOf(repeat))) return [...titlePath];
  return [...titlePath.slice(0, -1), last.slice(0, -suffixOf(repeat).length)];
}

const suffixOf = (repeat: number) => ` (repeat ${repeat + 1})`;
