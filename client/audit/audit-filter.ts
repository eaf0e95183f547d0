import { anyIdParam, oneOfParam, type RawSearch } from '#client/ui/search-params.ts';
import { parseTimeSearch, type TimeSearch, toSpan } from '#client/ui/time-span.ts';
import { actorKinds, type AuditAction, type AuditOutcome } from '#shared/audit.ts';

/** Groups of actions that the log can be filtered by; `refused` stands for all refusals. */
export const auditSubjects = {
  tests: ['test.created', 'test.updated', 'test.archived', 'test.restored', 'snapshot.accepted', 'snapshot.removed'],
  jobs: ['job.created', 'job.updated', 'job.archived', 'job.restored', 'job.start_missed'],
  suites: [
    'suite.created',
    'suite.git_changed',
    'suite.base_branch_changed',
    'suite.archived',
    'suite.restored',
    'bundle.pushed',
    'bundle.deleted',
  ],
  runs: ['run.started', 'run.reported', 'run.cancelled'],
  sharing: ['share_link.created', 'share_link.revoked', 'badge.created', 'badge.revoked'],
  cases: ['case.quarantined', 'case.released'],
  variables: ['variable.set', 'variable.removed'],
  notifications: [
    'notification.created',
    'notification.updated',
    'notification.removed',
    'notification.tested',
    'notification.paused',
    'notification.resumed',
    'notification.key_rotated',
    'notification.redelivered',
  ],
  members: [
    'member.role_changed',
    'member.project_role_changed',
    'member.project_role_withdrawn',
    'member.removed',
    'member.left',
    'member.reset_link_created',
    'invitation.created',
    'invitation.withdrawn',
    'invitation.accepted',
    'account.created',
  ],
  keys: ['key.created', 'key.revoked'],
  projects: [
    'project.created',
    'project.renamed',
    'project.settings_changed',
    'project.moved',
    'organization.created',
    'organization.renamed',
  ],
  sessions: [
    'session.started',
    'session.ended',
    'session.revoked',
    'account.linked',
    'account.password_changed',
    'account.password_reset',
  ],
  refused: null,
} as const satisfies Record<string, readonly AuditAction[] | null>;
export type AuditSubject = keyof typeof auditSubjects;

/** The filter of the log, as it stands in the address. */
export interface AuditSearch extends TimeSearch {
  /** The id of a user or key, or the kind of another actor. */
  who?: string | undefined;
  what?: AuditSubject | undefined;
  /** The id of the target of the action. */
  target?: string | undefined;
}

/** The input of `audit.list` without the page. */
export interface AuditFilter {
  actor?: string;
  action?: AuditAction[];
  outcome?: AuditOutcome;
  target?: string;
  since?: string;
  until?: string;
}

/** Drops parameters that are unknown or invalid. */
export function parseAuditSearch(raw: RawSearch): AuditSearch {
  return {
    who: oneOfParam(actorKinds, raw['who']) ?? anyIdParam(raw['who']),
    what: oneOfParam(Object.keys(auditSubjects) as AuditSubject[], raw['what']),
    target: anyIdParam(raw['target']),
    ...parseTimeSearch(raw),
  };
}

/** `now` is in epoch ms; time spans end there. */
export function toAuditFilter(search: AuditSearch, now: number): AuditFilter {
  const { who, what, target } = search;
  const actions = what && auditSubjects[what];
  return {
    ...(who && { actor: who }),
    ...(target && { target }),
    ...(actions && { action: [...actions] }),
    ...(what === 'refused' && { outcome: 'refused' as const }),
    ...toSpan(search, now),
  };
}
