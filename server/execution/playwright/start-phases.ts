import type { RunEventBody } from '#shared/events.ts';
import { type PartPhase, partPhases } from '#shared/part-phases.ts';

export interface StartPhases {
  begin(phase: PartPhase): void;
  /** The browser is there once the body of a case has begun: its hooks and fixtures come before. */
  note(step: Extract<RunEventBody, { type: 'step' }>): void;
}

/** Tells, each once and in order, what a run of scripts does before the body of its first case. */
export function createStartPhases(onEvent: (event: RunEventBody) => void): StartPhases {
  const attempts = new Set<string>();
  let last = -1;
  function begin(phase: PartPhase): void {
    const place = partPhases.indexOf(phase);
    if (place <= last) return;
    last = place;
    onEvent({ type: 'part', part: 0, status: 'running', total: 0, executor: null, phase });
  }
  return {
    begin,
    note({ id, parentId, category, status }) {
      if (last === partPhases.length - 1) return;
      const isAttempt = category === 'case';
      if (isAttempt && status === 'running') attempts.add(id);
      else if (isAttempt || (category !== 'hook' && parentId !== null && attempts.has(parentId))) begin('cases');
    },
  };
}
