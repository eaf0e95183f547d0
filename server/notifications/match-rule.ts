import type { NotificationEvent, RuleScope, RuleTarget } from '#shared/notifications.ts';

/** The first that is among the events of a delivery names it. */
const rank: readonly NotificationEvent[] = [
  'start_missed',
  'lost',
  'failed',
  'newly_failing',
  'recovered',
  'flaky',
  'always',
];

/** What happened, as far as rules choose by it. */
export interface Happening {
  events: readonly NotificationEvent[];
  testId: string | null;
  jobId: string | null;
  suiteId: string | null;
  branch: string | null;
}

/** The events that the rule tells of, the one that matters most first; none: it says nothing. */
export function matchRule(
  rule: { events: readonly NotificationEvent[]; scope: RuleScope; target: RuleTarget },
  happening: Happening,
): NotificationEvent[] {
  if (!isInScope(rule.scope, happening)) return [];
  // A commit status that is not set for each run is wrong.
  const wanted = rule.target.kind === 'github' ? rank.filter((event) => event !== 'start_missed') : rule.events;
  return rank.filter((event) => wanted.includes(event) && happening.events.includes(event));
}

export function isInScope(scope: RuleScope, { testId, jobId, suiteId, branch }: Omit<Happening, 'events'>): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'test':
      return testId === scope.testId;
    case 'job':
      return jobId === scope.jobId;
    case 'suite':
      return suiteId === scope.suiteId;
    case 'branch':
      return branch !== null && toPattern(scope.branch).test(branch);
  }
}

/** `*` stands for any text. */
function toPattern(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
