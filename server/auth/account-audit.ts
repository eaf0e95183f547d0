import type { IncomingMessage } from 'node:http';
import type { ProjectRole } from '#shared/project-role.ts';
import { strangerAt, type Who } from '#server/identity/actor.ts';
import { recordAuditIn } from '#server/audit/record-audit.ts';
import type { AttemptLog } from '#server/audit/attempt-log.ts';
import type { Trx } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import { type Invitation, scopeOf } from '#server/members/invitations.ts';
import { keyStart } from '#server/keys/key-start.ts';
import { readBearer } from './request-credentials.ts';

/** A user. */
export interface Person {
  id: string;
  name: string;
}

/** A signed-in user. */
export interface Member extends Person {
  /** Ids of the user's organisations. */
  organizations: readonly string[];
}

/** A request to `/api/auth/…`. */
export interface AuthRequest {
  raw: IncomingMessage;
  /** The path below `/api/auth`, such as `/sign-in/email`. */
  path: string;
  body: unknown;
  /** The user of the request's session. */
  person: Member | undefined;
}

export type AccountAudit = ReturnType<typeof createAccountAudit>;

/**
 * Writes down authentication events. What is done (`record…`) is written in the transaction in which it is;
 * what is refused (`note…`) is noted, with the address that was given, never with a password.
 */
export function createAccountAudit({
  attempts,
  addressOf,
}: {
  attempts: AttemptLog;
  addressOf(req: IncomingMessage): string;
}) {
  const personAt = ({ id, name }: Person, req: IncomingMessage): Who => ({
    kind: 'user',
    id,
    name,
    address: addressOf(req),
  });
  const invitationTarget = ({ id, email }: Invitation) => ({ kind: 'invitation', id, name: email }) as const;

  return {
    async recordAuth(trx: Trx, { raw, path, person }: AuthRequest, response: Response): Promise<void> {
      if (!response.ok) return;
      const record = ({ id, name }: Person, action: 'session.started' | 'session.ended' | 'account.password_changed') =>
        recordAuditIn(trx, { userId: id }, personAt({ id, name }, raw), {
          action,
          target: { kind: 'account', id, name },
        });
      if (path === '/sign-in/email') {
        const { user } = (await response.clone().json()) as { user: Person };
        await record(user, 'session.started');
      }
      if (path === '/sign-out' && person) await record(person, 'session.ended');
      if (path === '/change-password' && person) await record(person, 'account.password_changed');
    },

    recordSignUp: (trx: Trx, raw: IncomingMessage, person: Person & { email: string }, role: ProjectRole) =>
      recordAuditIn(trx, { userId: person.id }, personAt(person, raw), {
        action: 'account.created',
        target: { kind: 'account', id: person.id, name: person.email },
        details: { role },
      }),

    /** Audits what `signInIdentity` does. `provider`: the name of the OIDC provider. */
    recordIdentity: (
      trx: Trx,
      raw: IncomingMessage,
      person: Person & { email: string },
      action: 'account.created' | 'account.linked' | 'session.started',
      details: { provider: string; role?: ProjectRole },
    ) =>
      recordAuditIn(trx, { userId: person.id }, personAt(person, raw), {
        action,
        target: { kind: 'account', id: person.id, name: action === 'session.started' ? person.name : person.email },
        details,
      }),

    recordReset: (trx: Trx, raw: IncomingMessage, person: Person & { email: string }) =>
      recordAuditIn(trx, { userId: person.id }, personAt(person, raw), {
        action: 'account.password_reset',
        target: { kind: 'account', id: person.id, name: person.email },
      }),

    recordAcceptance: (trx: Trx, raw: IncomingMessage, person: Person, invitation: Invitation) =>
      recordAuditIn(trx, scopeOf(invitation), personAt(person, raw), {
        action: 'invitation.accepted',
        target: invitationTarget(invitation),
        details: { role: invitation.role },
      }),

    async noteAuth({ raw, path, person, body }: AuthRequest, response: Response): Promise<void> {
      if (response.ok || response.status >= 500 || path === '/get-session' || path === '/sign-out') return;
      const { message } = (await response
        .clone()
        .json()
        .catch(() => ({}))) as { message?: unknown };
      const isTooOften = response.status === 429;
      // Attempts of anonymous callers, and of users without an organisation, are listed in the default organisation.
      const organizations = person && person.organizations.length > 0 ? person.organizations : [defaultOrganizationId];
      for (const organizationId of organizations)
        attempts.note({
          action: path === '/sign-in/email' ? 'session.refused' : 'account.refused',
          who: person ? personAt(person, raw) : strangerAt(addressOf(raw)),
          scope: { organizationId },
          target: { kind: 'account', id: person?.id ?? null, name: person?.name ?? emailIn(body) },
          details: { reason: isTooOften ? 'Too many attempts' : String(message ?? 'Refused') },
          // Such requests are cheap and may name any number of addresses, so they count as one attempt.
          ...(isTooOften && { sameAs: 'too often' }),
        });
    },

    noteSignUp(raw: IncomingMessage, body: unknown, reason: string): void {
      attempts.note({
        action: 'account.refused',
        who: strangerAt(addressOf(raw)),
        target: { kind: 'account', id: null, name: emailIn(body) },
        details: { reason },
        sameAs: 'sign-up',
      });
    },

    /** The OIDC provider recognised an identity that may not sign in. */
    noteIdentity(raw: IncomingMessage, email: string | undefined, details: { provider: string; reason: string }): void {
      attempts.note({
        action: 'account.refused',
        who: strangerAt(addressOf(raw)),
        target: { kind: 'account', id: null, name: email ?? 'no address' },
        details,
      });
    },

    noteAcceptance(raw: IncomingMessage, person: Person, invitation: Invitation, reason: string): void {
      attempts.note({
        action: 'access.refused',
        who: personAt(person, raw),
        scope: scopeOf(invitation),
        target: invitationTarget(invitation),
        details: { reason },
      });
    },

    /** Audits unknown keys alone: an ended session is no attempt. */
    noteUnknownKey(raw: IncomingMessage, reason: string): void {
      const bearer = readBearer(raw);
      if (bearer === undefined) return;
      attempts.note({
        action: 'key.refused',
        who: strangerAt(addressOf(raw)),
        target: { kind: 'key', id: null, name: keyStart(bearer) },
        details: { reason },
        // A caller can make up any number of keys.
        sameAs: 'any key',
      });
    },

    noteNoMember(raw: IncomingMessage, person: Person, reason: string): void {
      attempts.note({
        action: 'access.refused',
        who: personAt(person, raw),
        target: { kind: 'procedure', id: null, name: (raw.url ?? '').split('?', 1)[0]! },
        details: { reason },
        sameAs: 'no member',
      });
    },
  };
}

/** The e-mail address in a request. */
function emailIn(body: unknown): string {
  const email = (body as { email?: unknown } | null | undefined)?.email;
  return typeof email === 'string' ? email : 'no address';
}
