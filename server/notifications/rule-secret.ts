import { sql } from 'kysely';
import type { RuleTarget } from '#shared/notifications.ts';
import { AppError } from '#server/lib/errors.ts';
import type { SecretBox } from '#server/variables/secret-box.ts';
import type { NotificationSettings } from '#server/config/notification-settings.ts';
import { createSigningSecret } from './sign-webhook.ts';

const contextOf = (ruleId: string) => `notification/${ruleId}`;

/**
 * The secret of a new target. Throws BAD_REQUEST if one has to be given, and CONFLICT for e-mail without a mail server.
 */
export function secretFor(
  { notifications }: { notifications: NotificationSettings },
  target: RuleTarget,
  given: string | undefined,
): string | null {
  const wrong = (message: string) => new AppError('BAD_REQUEST', message, { field: 'secret' });
  switch (target.kind) {
    case 'webhook':
      if (given !== undefined && !/^whsec_[A-Za-z\d+/]{32,88}={0,2}$/.test(given))
        throw wrong('must begin with whsec_, and then be 24 to 64 bytes in Base64; or leave it out to get a new one');
      return given ?? createSigningSecret();
    case 'slack':
    case 'teams':
      if (given === undefined || !/^https?:\/\//.test(given) || !URL.canParse(given))
        throw wrong('must be the http:// or https:// address of the webhook');
      return given;
    case 'email':
      if (!notifications.smtp)
        throw new AppError(
          'CONFLICT',
          'This Runlight sends no e-mail: its operator has to set SMTP_URL and SMTP_FROM.',
        );
      return null;
    case 'github':
      if (given === undefined || !/^[\x21-\x7e]+$/.test(given))
        throw wrong('must be a token that may write commit statuses and pull requests');
      return given;
  }
}

export function sealSecret(
  { secretBox }: { secretBox: SecretBox },
  ruleId: string,
  secret: string | null,
): string | null {
  return secret === null ? null : secretBox.seal(secret, contextOf(ruleId));
}

/** Of `notification_rules`: the sealed key that signs beside the rule's own. */
export const retiringSecret = sql<string | null>`case when retires_at > now() then retiring_secret end`.as(
  'retiringSecret',
);

/** Opens what a rule sends with. Throws if it was sealed with another key. */
export function openSecrets(
  { secretBox }: { secretBox: SecretBox },
  ruleId: string,
  sealed: { secret: string | null; retiringSecret: string | null },
): { secret: string | null; retiringSecret: string | null } {
  const open = (text: string | null) => (text === null ? null : secretBox.open(text, contextOf(ruleId)));
  try {
    return { secret: open(sealed.secret), retiringSecret: open(sealed.retiringSecret) };
  } catch (cause) {
    throw new Error(
      'The secret of the rule cannot be read with the key of this server. Give every process the same AUTH_SECRET, or the same DATA_DIR/variables.key, or set the secret again.',
      { cause },
    );
  }
}
