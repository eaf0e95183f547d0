import type { Inputs } from '#client/query/trpc.ts';
import type { NotificationEvent, RuleScope, RuleTarget, TargetKind } from '#shared/notifications.ts';
import type { Rule } from './texts.ts';

/** A rule as its form holds it. */
export interface RuleDraft {
  name: string;
  events: readonly NotificationEvent[];
  scopeKind: RuleScope['kind'];
  /** Id of the test, job or suite. */
  scopeId: string;
  branch: string;
  kind: TargetKind;
  url: string;
  /** Separated by commas or spaces. */
  to: string;
  repository: string;
  comment: boolean;
  secret: string;
}

export const emptyDraft: RuleDraft = {
  name: '',
  events: ['failed', 'recovered'],
  scopeKind: 'all',
  scopeId: '',
  branch: '',
  kind: 'webhook',
  url: '',
  to: '',
  repository: '',
  comment: true,
  secret: '',
};

export function toDraft({ name, events, scope, target }: Rule): RuleDraft {
  return {
    ...emptyDraft,
    name,
    events,
    scopeKind: scope.kind,
    scopeId: idOf(scope),
    ...(scope.kind === 'branch' && { branch: scope.branch }),
    kind: target.kind,
    ...(target.kind === 'webhook' && { url: target.url }),
    ...(target.kind === 'email' && { to: target.to.join(', ') }),
    ...(target.kind === 'github' && { repository: target.repository, comment: target.comment }),
  };
}

function idOf(scope: RuleScope): string {
  switch (scope.kind) {
    case 'test':
      return scope.testId;
    case 'job':
      return scope.jobId;
    case 'suite':
      return scope.suiteId;
    default:
      return '';
  }
}

export function toInput(draft: RuleDraft): Inputs['notifications']['create'] {
  return {
    name: draft.name,
    // GitHub gets the status of every run.
    events: draft.kind === 'github' ? ['always'] : [...draft.events],
    scope: toScope(draft),
    target: toTarget(draft),
    ...(draft.secret !== '' && { secret: draft.secret }),
  };
}

function toScope({ scopeKind, scopeId, branch }: RuleDraft): RuleScope {
  switch (scopeKind) {
    case 'all':
      return { kind: 'all' };
    case 'branch':
      return { kind: 'branch', branch };
    case 'test':
      return { kind: 'test', testId: scopeId };
    case 'job':
      return { kind: 'job', jobId: scopeId };
    case 'suite':
      return { kind: 'suite', suiteId: scopeId };
  }
}

function toTarget({ kind, url, to, repository, comment }: RuleDraft): RuleTarget {
  switch (kind) {
    case 'webhook':
      return { kind, url };
    case 'email':
      return { kind, to: to.split(/[\s,;]+/).filter((address) => address !== '') };
    case 'github':
      return { kind, repository, comment };
    default:
      return { kind };
  }
}
