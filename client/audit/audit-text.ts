import type { Outputs } from '#client/query/trpc.ts';
import { missedStartText } from '#shared/missed-start-text.ts';
import { formatDate, formatTime, plural } from '#client/ui/format.ts';
import type { AuditAction } from '#shared/audit.ts';
import type { MissedStartReason } from '#shared/schedule-rules.ts';
import type { AuditSubject } from './audit-filter.ts';

export type AuditEvent = Outputs['audit']['list']['items'][number];

export const subjectLabels: Record<AuditSubject, string> = {
  tests: 'Tests',
  jobs: 'Jobs',
  suites: 'Suites',
  runs: 'Runs',
  sharing: 'Share links and badges',
  cases: 'Quarantine',
  variables: 'Variables',
  notifications: 'Notifications',
  members: 'Members',
  keys: 'API keys',
  projects: 'Projects',
  sessions: 'Sign-ins and passwords',
  refused: 'Refused attempts',
};

/** The verb of each action, as it follows the name of the actor and precedes the target. */
const verbs: Record<AuditAction, string> = {
  'test.created': 'created the test',
  'test.updated': 'changed the test',
  'test.archived': 'archived the test',
  'test.restored': 'restored the test',
  'snapshot.accepted': 'accepted a baseline of the test',
  'snapshot.removed': 'removed a baseline of the test',
  'job.created': 'created the job',
  'job.updated': 'changed the job',
  'job.archived': 'archived the job',
  'job.restored': 'restored the job',
  'job.start_missed': 'missed a start of the job',
  'run.started': 'started a run of',
  'run.cancelled': 'cancelled a run of',
  'run.reported': 'reported a run of',
  'suite.created': 'added the suite',
  'suite.git_changed': 'changed the git source of the suite',
  'suite.base_branch_changed': 'changed the base branch of the suite',
  'share_link.created': 'created a share link of the run',
  'share_link.revoked': 'revoked a share link of the run',
  'badge.created': 'created a status badge of',
  'badge.revoked': 'revoked a status badge of',
  'suite.archived': 'archived the suite',
  'suite.restored': 'restored the suite',
  'bundle.pushed': 'pushed the suite',
  'bundle.deleted': 'deleted a bundle of the suite',
  'case.quarantined': 'put into quarantine the case',
  'case.released': 'released from quarantine the case',
  'variable.set': 'set the variable',
  'variable.removed': 'removed the variable',
  'notification.created': 'created the notification rule',
  'notification.updated': 'changed the notification rule',
  'notification.removed': 'removed the notification rule',
  'notification.tested': 'sent a test of the notification rule',
  'notification.paused': 'paused the notification rule',
  'notification.resumed': 'resumed the notification rule',
  'notification.key_rotated': 'rotated the key of the notification rule',
  'notification.redelivered': 'sent again a delivery of the notification rule',
  'project.created': 'created the project',
  'project.renamed': 'renamed the project to',
  'project.settings_changed': 'changed the default settings of the project',
  'project.moved': 'moved the project',
  'organization.created': 'created the organisation',
  'organization.renamed': 'renamed the organisation to',
  'member.role_changed': 'changed the role in all projects of',
  'member.project_role_changed': 'changed the role in this project of',
  'member.project_role_withdrawn': 'revoked the role in this project of',
  'member.removed': 'removed the member',
  'member.left': 'left the organisation',
  'invitation.created': 'invited',
  'invitation.withdrawn': 'revoked the invitation of',
  'invitation.accepted': 'accepted the invitation of',
  'key.created': 'created the API key',
  'key.revoked': 'revoked the API key',
  'key.refused': 'was refused with the key',
  'session.started': 'signed in',
  'session.ended': 'signed out',
  'session.revoked': 'ended their session at',
  'session.refused': 'failed to sign in as',
  'account.created': 'signed up as',
  'account.linked': 'linked a sign-in provider to',
  'account.password_changed': 'changed their password',
  'account.password_reset': 'used a reset link to set the password of',
  'member.reset_link_created': 'created a password reset link for',
  'account.refused': 'failed to sign up as',
  'access.refused': 'was refused',
};

/** Actions of actors on themselves. */
const withoutTarget = new Set<AuditAction>([
  'session.started',
  'session.ended',
  'account.password_changed',
  'member.left',
]);

/** The rest of a sentence that begins with the actor. */
export function sentenceOf({ action, targetName, actorKind, details }: AuditEvent): {
  verb: string;
  target: string | null;
} {
  if (action === 'run.started' && details.retryOf !== undefined) return { verb: 'ran again', target: targetName };
  if (action === 'account.refused' && actorKind === 'user')
    return { verb: 'failed to change their password', target: null };
  return { verb: verbs[action], target: withoutTarget.has(action) ? null : targetName };
}

/** Further details of an event, in parts. */
export function detailsOf({ details, count, targetKind, projectId }: AuditEvent): string[] {
  const { changes = {}, role, expiresAt, provider, reason, dueAt, owner, branch } = details;
  return [
    ...Object.entries(changes).map(([name, change]) =>
      change === null
        ? `${fieldName(name)} changed`
        : `${fieldName(name)}: ${valueText(change.from)} → ${valueText(change.to)}`,
    ),
    ...(provider === undefined ? [] : [`with ${provider}`]),
    ...(role === undefined ? [] : [`as ${role}`]),
    ...(targetKind === 'invitation' && projectId !== null ? ['in this project only'] : []),
    ...(expiresAt === undefined ? [] : [expiresAt === null ? 'does not expire' : `until ${formatDate(expiresAt)}`]),
    ...(branch === undefined ? [] : [`branch ${branch}`]),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(count > 1 ? [`${plural(count, 'time')} within a minute`] : []),
    ...(dueAt === undefined ? [] : [`due ${formatTime(dueAt)}`]),
    ...(reason === undefined ? [] : [missedStartText[reason as MissedStartReason] ?? reason]),
  ];
}

/** For example `timeout, ms` for `timeoutMs`. */
function fieldName(name: string): string {
  return name.replace(/Ms$/, ', ms').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueText(value: string | number | boolean | null): string {
  if (value === null || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'number' ? value.toLocaleString() : `“${value}”`;
}
