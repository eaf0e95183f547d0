import type { RuleTarget } from '#shared/notifications.ts';
import type { NotificationPayload } from '#shared/notification-payload.ts';
import { describe } from './describe.ts';
import { toSlackMessage, toTeamsMessage } from './render-chat.ts';
import { toEmail } from './render-email.ts';
import { toGithubUpdate } from './render-github.ts';

/** The body that the target gets, and a line for lists. Null: there is nothing to tell the target. */
export function toMessage(target: RuleTarget, payload: NotificationPayload): { body: string; summary: string } | null {
  const description = describe(payload);
  const content = contentFor(target, payload, description);
  return content && { body: JSON.stringify(content), summary: description.title };
}

function contentFor(
  target: RuleTarget,
  payload: NotificationPayload,
  description: ReturnType<typeof describe>,
): object | null {
  switch (target.kind) {
    case 'webhook':
      return payload;
    case 'slack':
      return toSlackMessage(description);
    case 'teams':
      return toTeamsMessage(description);
    case 'email':
      return toEmail(description, payload.rule.name);
    case 'github': {
      const { run } = payload.data;
      // A comment is not there before something has failed, and one of an earlier run says how that went.
      const comment = target.comment && payload.type !== 'run.started';
      return run && toGithubUpdate(run, description, { ...target, comment, ruleId: payload.rule.id });
    }
  }
}
