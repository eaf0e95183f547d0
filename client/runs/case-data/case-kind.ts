import type { CaseState } from '#shared/run-cases.ts';
import { isFailedTest } from '#shared/run-status.ts';
import { type CaseKind, caseKinds } from './list-options.ts';

/** Undefined: the case has not begun. */
export function kindOf(state: CaseState | undefined): CaseKind {
  if (!state) return 'waiting';
  const [, status, , duration, letters] = state;
  if (isFailedTest(status)) return letters.includes('q') ? 'quarantined' : 'failed';
  switch (status) {
    case 'passed':
      return letters.includes('f') ? 'flaky' : 'passed';
    case 'skipped':
      return duration === null ? 'not_run' : 'skipped';
    case 'running':
    case 'interrupted':
      return status;
    default:
      return 'waiting';
  }
}

export const isFailureKind = (kind: CaseKind): boolean => kind === 'failed' || kind === 'quarantined';

export type KindCounts = Readonly<Record<CaseKind, number>>;

/** How many of the cases are of each kind. */
export function countKinds(...lists: readonly (readonly (CaseState | undefined)[])[]): KindCounts {
  const counts = Object.fromEntries(caseKinds.map((kind) => [kind, 0])) as Record<CaseKind, number>;
  // Not `forEach`, which leaves out holes.
  for (const states of lists) for (const state of states) counts[kindOf(state)] += 1;
  return counts;
}
