import { progressText } from '#shared/verdict-text.ts';
import type { RunModel } from './run-model.ts';

/** How far a run that goes on is: `12 of 40 done, 2 failed, 3 running`. */
export function progressOf(model: RunModel): string {
  const { counts, total, running, status } = model;
  if (status === 'queued') return 'queued';
  const text = progressText({ ...counts, total, notRun: 0, status: 'running' });
  return running.size > 0 ? `${text}, ${running.size.toLocaleString()} running` : text;
}
