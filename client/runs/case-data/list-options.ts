// Apart from what computes with them, since the router reads addresses before any page is loaded.

/** How the list of cases can be arranged. */
export const groupings = ['file', 'error', 'shard', 'slowest'] as const;
export type Grouping = (typeof groupings)[number];

/**
 * What a reader asks about a case. `failed` counts those that timed out, too; `quarantined` are failures that fail nothing;
 * `not_run`: the run ended before the case began.
 */
export const caseKinds = [
  'failed',
  'quarantined',
  'flaky',
  'passed',
  'skipped',
  'interrupted',
  'not_run',
  'running',
  'waiting',
] as const;
export type CaseKind = (typeof caseKinds)[number];
