import type { Outputs } from '#client/query/trpc.ts';
import type { Tone } from '#client/ui/badge.tsx';
import type { DeliveryEvent, DeliveryState, NotificationEvent, TargetKind } from '#shared/notifications.ts';

export type Rule = Outputs['notifications']['list']['items'][number];
export type Delivery = Outputs['notifications']['deliveries']['items'][number];

export const kindText: Record<TargetKind, string> = {
  webhook: 'Webhook',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  email: 'E-mail',
  github: 'GitHub',
};

export const eventText: Record<NotificationEvent, { label: string; hint: string }> = {
  failed: { label: 'Failed', hint: 'A run failed, timed out or ended with an error' },
  newly_failing: { label: 'Newly failing cases', hint: 'Cases failed that did not fail in the run before' },
  recovered: { label: 'Recovered', hint: 'A run passed, and the one before it did not' },
  flaky: { label: 'Flaky', hint: 'Cases passed only when they were tried again' },
  lost: { label: 'Lost', hint: 'The worker or the reporter of a run was lost' },
  start_missed: { label: 'Start missed', hint: 'A job did not start when it was due' },
  always: { label: 'Every run', hint: 'Any run that ends, whatever became of it' },
};

export function nameOfEvent(event: DeliveryEvent): string {
  if (event === 'started') return 'Started';
  if (event === 'failing') return 'Failing';
  return event === 'test' ? 'Test' : eventText[event].label;
}

export const stateText: Record<DeliveryState, { label: string; tone: Tone }> = {
  waiting: { label: 'Waiting', tone: 'busy' },
  delivered: { label: 'Delivered', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
  cancelled: { label: 'Cancelled', tone: 'quiet' },
};

/** The runs and jobs that a rule applies to. */
export function scopeText({ scope, scopeName }: Pick<Rule, 'scope' | 'scopeName'>): string {
  switch (scope.kind) {
    case 'all':
      return 'all runs';
    case 'branch':
      return `branch ${scope.branch}`;
    default:
      return `${scope.kind} ${scopeName ?? 'that was removed'}`;
  }
}
