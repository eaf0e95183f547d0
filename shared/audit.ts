import type { KeyRole } from './project-role.ts';

/** `<target>.<what happened to it>`. */
export const auditActions = [
  'test.created',
  'test.updated',
  'test.archived',
  'test.restored',
  'snapshot.accepted',
  'snapshot.removed',
  'job.created',
  'job.updated',
  'job.archived',
  'job.restored',
  'job.start_missed',
  'run.started',
  'run.cancelled',
  'run.reported',
  'suite.created',
  'suite.git_changed',
  'suite.base_branch_changed',
  'share_link.created',
  'share_link.revoked',
  'badge.created',
  'badge.revoked',
  'suite.archived',
  'suite.restored',
  'bundle.pushed',
  'bundle.deleted',
  'case.quarantined',
  'case.released',
  'variable.set',
  'variable.removed',
  'notification.created',
  'notification.updated',
  'notification.removed',
  'notification.tested',
  'notification.paused',
  'notification.resumed',
  'notification.key_rotated',
  'notification.redelivered',
  'project.created',
  'project.renamed',
  'project.settings_changed',
  'project.moved',
  'organization.created',
  'organization.renamed',
  'member.role_changed',
  'member.project_role_changed',
  'member.project_role_withdrawn',
  'member.removed',
  'member.left',
  'member.reset_link_created',
  'invitation.created',
  'invitation.withdrawn',
  'invitation.accepted',
  'key.created',
  'key.revoked',
  'key.refused',
  'session.started',
  'session.ended',
  'session.revoked',
  'session.refused',
  'account.created',
  'account.linked',
  'account.password_changed',
  'account.password_reset',
  'account.refused',
  'access.refused',
] as const;
export type AuditAction = (typeof auditActions)[number];

/**
 * Kinds of actors. `user`: signed in. `key`: an API key. `link`: a share link. `token`: the access token of a Runlight without accounts.
 * `schedule`: a job's schedule. `system`: Runlight itself. `anonymous`: not signed in.
 */
export const actorKinds = ['user', 'key', 'link', 'token', 'schedule', 'system', 'anonymous'] as const;
export type ActorKind = (typeof actorKinds)[number];

export const auditTargetKinds = [
  'test',
  'job',
  'suite',
  'run',
  'case',
  'variable',
  'notification',
  'project',
  'organization',
  'member',
  'invitation',
  'key',
  'session',
  'account',
  'procedure',
] as const;
export type AuditTargetKind = (typeof auditTargetKinds)[number];

export const auditOutcomes = ['done', 'refused'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

type AuditValue = string | number | boolean | null;

/** Details of an event. Never holds a secret, a variable's value or a script. */
export interface AuditDetails {
  /** Old and new values by field name; null for a value that is long or secret. */
  changes?: Record<string, { from: AuditValue; to: AuditValue } | null>;
  /** The role that was granted. */
  role?: KeyRole;
  /** ISO time at which the key or the quarantine expires; null: never. */
  expiresAt?: string | null;
  /** Who looks after a case in quarantine. */
  owner?: string;
  /** Name of the OIDC provider that the user signed in with. */
  provider?: string;
  /** ISO time at which a start was due that did not happen. */
  dueAt?: string;
  /** Path of a baseline. */
  snapshot?: string;
  /** The first digits of a bundle's hash. */
  bundle?: string;
  /** The branch of a badge; undefined: all. */
  branch?: string;
  /** Id of the run that this one repeats. */
  retryOf?: string;
  /** Reason for a refusal, a missed start or a quarantine. */
  reason?: string;
}
