import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** A new key for signatures, as it is shown and stored. */
export function createSigningSecret(): string {
  return prefix + randomBytes(32).toString('base64');
}

/**
 * The headers of https://www.standardwebhooks.com, with a signature by each key. `id` is the same in every attempt; `at` is that of
 * this one, in ms.
 */
export function signWebhook(keys: readonly string[], id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = keys.map((text) => {
    const key = Buffer.from(text.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
