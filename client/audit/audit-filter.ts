import { parseTimeSearch, type TimeSearch, toSpan } from '#client/ui/time-span.ts';
import type { AuditAction, AuditOutcome } from '#shared/audit.ts';

/** What an address can narrow the log to: actions that belong together, or all that was refused. */
export const auditSubjects = {
  tests: ['test.created', 'test.updated', 'test.archived'],
  jobs: ['job.created', 'job.updated', 'job.archived'],
  runs: ['run.started', 'run.cancelled'],
  variables: ['variable.set', 'variable.removed'],
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
  projects: ['project.created', 'project.renamed', 'project.moved', 'organization.created', 'organization.renamed'],
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

/** What the address of the log says. */
export interface AuditSearch extends TimeSearch {
  /** Id of a user or a key, or the kind of another actor. */
  who?: string | undefined;
  what?: AuditSubject | undefined;
  /** Id of what it was done to. */
  target?: string | undefined;
}

/** What `audit.list` is asked for, but for the page. */
export interface AuditFilter {
  actor?: string;
  action?: AuditAction[];
  outcome?: AuditOutcome;
  target?: string;
  since?: string;
  until?: string;
}

const text = (value: unknown) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= 100 ? value : undefined;

/** The parts of an address that mean something; the rest is dropped. */
export function parseAuditSearch(raw: Record<string, unknown>): AuditSearch {
  const what = text(raw['what']);
  const search: AuditSearch = {
    who: text(raw['who']),
    what: what && Object.hasOwn(auditSubjects, what) ? (what as AuditSubject) : undefined,
    target: text(raw['target']),
    ...parseTimeSearch(raw),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

/** What the address asks for, at a moment (epoch ms). */
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
