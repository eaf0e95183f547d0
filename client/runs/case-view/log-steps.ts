import type { LogLine } from '#client/ui/log/log-lines.ts';
import type { RunLog, RunStep } from '#client/runs/log/run-log.ts';

/**
 * Finds the step in which a line was written: the last one directly under the attempt that had begun. Undefined if there are no
 * such steps. `steps` keep the order of their beginning.
 */
export function groupOfSteps({ steps }: Pick<RunLog, 'steps'>): ((line: LogLine) => RunStep | undefined) | undefined {
  const attempts = new Set([...steps.values()].filter(({ category }) => category === 'case').map(({ id }) => id));
  const roots = [...steps.values()].filter(({ parentId }) => parentId !== null && attempts.has(parentId));
  if (roots.length < 2) return undefined;
  return ({ seq }) => (seq === undefined ? undefined : roots.findLast((step) => step.begunSeq < seq));
}
