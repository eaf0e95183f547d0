import nodemailer from 'nodemailer';
import type { SmtpSettings } from '#server/config/notification-settings.ts';
import { plainText } from '#server/lib/storable-text.ts';
import { type Outcome, outcomeOfError } from './outcome.ts';
import type { Email } from './render-email.ts';

/** Sends a message. `id` is the same in every attempt: mail programs show a message of one id once. */
export async function sendEmail(
  smtp: SmtpSettings,
  { to, id, email }: { to: readonly string[]; id: string; email: Email },
  timeoutMs: number,
): Promise<Outcome> {
  const times = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs };
  const transport = nodemailer.createTransport({ url: smtp.url, ...times });
  try {
    const { response, rejected } = await transport.sendMail({
      ...email,
      from: smtp.from,
      to: [...to],
      messageId: `<${id}@runlight>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const error = rejected.length > 0 ? `The mail server refused the addresses ${rejected.join(', ')}.` : null;
    return { ok: true, status: null, body: plainText(response, 500), error, isFinal: false };
  } catch (error) {
    const { responseCode = 0, response } = error as { responseCode?: number; response?: string };
    const outcome = outcomeOfError(error);
    // https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1: it is refused for good.
    return { ...outcome, body: response ?? null, isFinal: responseCode >= 500 };
  } finally {
    transport.close();
  }
}
