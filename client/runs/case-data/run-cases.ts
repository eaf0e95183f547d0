import type { CaseChanges, CaseState, PartState } from '#shared/run-cases.ts';
import type { RunStatus } from '#shared/run-status.ts';
import { countKinds, type KindCounts } from './case-kind.ts';

/** The states of a run's cases as the page shows them. Immutable: a later one shares all unchanged states. */
export interface RunCases {
  /** Version of the run; 0: nothing is known yet. */
  version: number;
  status: RunStatus;
  total: number;
  parts: readonly PartState[];
  /** By index in the run. */
  states: readonly (CaseState | undefined)[];
  counts: KindCounts;
}

export const unknownCases: RunCases = {
  version: 0,
  status: 'queued',
  total: 0,
  parts: [],
  states: [],
  counts: countKinds([]),
};

/** The cases after a change of the run. A change that is known already (a replay after a reconnect) leaves them as they are. */
export function applyChanges(known: RunCases, changes: CaseChanges): RunCases {
  const { version, status, counts, cases } = changes;
  if (version <= known.version) return known;
  const parts = changes.parts ?? known.parts;
  const length = Math.max(counts.total, ...parts.map(({ firstIndex, total }) => firstIndex + total));
  const states = known.states.slice(0, length);
  states.length = length;
  for (const state of cases) if (state[0] < length) states[state[0]] = state;
  // Indexes can have gaps: a part gets new ones when Playwright has listed its cases.
  const present = parts.length === 0 ? [states] : parts.map((part) => statesOfPart(states, part));
  return { version, status, total: counts.total, parts, states, counts: countKinds(...present) };
}

/** Whether no case of the run has begun. */
export const isStarting = ({ counts, total }: RunCases): boolean => counts.waiting >= total;

export const statesOfPart = (states: RunCases['states'], { firstIndex, total }: PartState) =>
  states.slice(firstIndex, firstIndex + total);
