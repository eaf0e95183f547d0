import type { RuleTarget } from '#shared/notifications.ts';
import { createAddressGuard } from './address-guard.ts';
import { type Outcome, outcomeOfAnswer, outcomeOfError } from './outcome.ts';
import type { Email } from './render-email.ts';
import type { GithubUpdate } from './render-github.ts';
import { sendEmail } from './send-email.ts';
import { sendGithub, testGithub } from './send-github.ts';
import { sendHttp } from './send-http.ts';
import type { NotificationSettings } from '#server/config/notification-settings.ts';
import { signWebhook } from './sign-webhook.ts';

export interface Message {
  /** The same in every attempt. */
  id: string;
  target: RuleTarget;
  /** Opened. */
  secret: string | null;
  /** Opened: the key of a webhook before this one, while it still signs. */
  retiringSecret: string | null;
  /** As `toMessage` makes it; `null` for GitHub: a test. */
  body: string;
}

export type SendMessage = (message: Message, signal: AbortSignal) => Promise<Outcome>;

/** GitHub takes several requests. */
const githubFactor = 3;

const withoutMailServer: Outcome = {
  ok: false,
  status: null,
  body: null,
  error: 'This Runlight sends no e-mail: its operator has to set SMTP_URL and SMTP_FROM.',
  isFinal: false,
};

/** Sends a message to its target, once. Rejects only when `signal` aborts. */
export function createSender(settings: NotificationSettings): SendMessage {
  const guard = createAddressGuard(settings.privateAddresses);

  async function post(address: string, body: string, signal: AbortSignal, headers: Record<string, string> = {}) {
    return outcomeOfAnswer(await sendHttp(new URL(address), { method: 'POST', headers, body }, { guard, signal }));
  }

  function send(
    { id, target, secret, retiringSecret, body }: Message,
    within: (factor?: number) => AbortSignal,
  ): Promise<Outcome> {
    switch (target.kind) {
      case 'webhook': {
        const keys = [secret!, ...(retiringSecret === null ? [] : [retiringSecret])];
        return post(target.url, body, within(), signWebhook(keys, id, Date.now(), body));
      }
      case 'slack':
      case 'teams':
        return post(secret!, body, within());
      case 'email':
        if (!settings.smtp) return Promise.resolve(withoutMailServer);
        return sendEmail(settings.smtp, { to: target.to, id, email: JSON.parse(body) as Email }, settings.timeoutMs);
      case 'github': {
        const access = { apiUrl: settings.githubApiUrl, repository: target.repository, token: secret! };
        const asked = { ...access, signal: within(githubFactor) };
        const update = JSON.parse(body) as GithubUpdate | null;
        return update ? sendGithub(asked, update) : testGithub(asked);
      }
    }
  }

  return async (message, signal) => {
    const within = (factor = 1) => AbortSignal.any([signal, AbortSignal.timeout(factor * settings.timeoutMs)]);
    try {
      return await send(message, within);
    } catch (error) {
      signal.throwIfAborted();
      return outcomeOfError(error);
    }
  };
}
