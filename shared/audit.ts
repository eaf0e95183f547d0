import type { ProjectRole } from './project-role.ts';

/** What is written down: `<what>.<what happened to it>`. */
export const auditActions = [
  'test.created',
  'test.updated',
  'test.archived',
  'job.created',
  'job.updated',
  'job.archived',
  'job.start_missed',
  'run.started',
  'run.cancelled',
  'variable.set',
  'variable.removed',
  'project.created',
  'project.renamed',
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
 * Who acts: somebody who has signed in, a program with an API key, whoever holds the access token of a Runlight without
 * accounts, a job's schedule, Runlight itself, or somebody who has not been let in.
 */
export const actorKinds = ['user', 'key', 'token', 'schedule', 'system', 'anonymous'] as const;
export type ActorKind = (typeof actorKinds)[number];

export const auditTargetKinds = [
  'test',
  'job',
  'run',
  'variable',
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

/** What else is to be known of an event: never a secret, a variable's value or a script. */
export interface AuditDetails {
  /** What was changed, by its name: from what to what, or null where that is long or secret. */
  changes?: Record<string, { from: AuditValue; to: AuditValue } | null>;
  /** That somebody was given. */
  role?: ProjectRole;
  /** Of a key, an ISO time; null: it does not expire. */
  expiresAt?: string | null;
  /** Of OIDC, with which somebody has signed in: its name. */
  provider?: string;
  /** When a start was due that did not happen, an ISO time. */
  dueAt?: string;
  /** The run that this one repeats. */
  retryOf?: string;
  /** Why it was refused. */
  reason?: string;
}
