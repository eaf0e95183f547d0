import type { RunSummary, RunTrigger } from '#shared/events.ts';

export const triggerLabels: Record<RunTrigger, string> = {
  manual: 'By hand',
  schedule: 'On schedule',
  api: 'Through the API',
  cli: 'From the command line',
  retry: 'As a retry',
  ci: 'In the CI',
};

/** How a run was started, as part of a sentence: `by Ada`, `on schedule`, `as a retry by Ada`. */
export function triggerText({ trigger, triggeredBy }: Pick<RunSummary, 'trigger' | 'triggeredBy'>): string {
  const how = triggerLabels[trigger];
  const inSentence = how.charAt(0).toLowerCase() + how.slice(1);
  if (!triggeredBy) return inSentence;
  return trigger === 'manual' ? `by ${triggeredBy}` : `${inSentence} by ${triggeredBy}`;
}
