import { z } from 'zod';
import type { Env } from './env.ts';
import { type PrivateAddresses, privateAddresses } from './private-addresses.ts';

const ms = z.coerce.number('must be a number of milliseconds').int().min(1).max(3_600_000);

/** The part of the environment that is about notifications. */
export const notificationFields = {
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address' }).optional(),
  SMTP_FROM: z.string().optional(),
  GITHUB_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .default('https://api.github.com'),
  NOTIFY_PRIVATE_ADDRESSES: privateAddresses,
  NOTIFY_BACKOFF: ms.default(5_000),
  NOTIFY_TIMEOUT: ms.default(10_000),
};

/** The mail server of this installation. */
export interface SmtpSettings {
  url: string;
  from: string;
}

/** How notifications are sent. Times are in ms. */
export interface NotificationSettings {
  /** Where people open Runlight. */
  address: string;
  /** Undefined: no e-mails. */
  smtp: SmtpSettings | undefined;
  githubApiUrl: string;
  privateAddresses: PrivateAddresses;
  /** Between the first and the second attempt. It doubles from then on. */
  backoffMs: number;
  /** For the answer to an attempt. */
  timeoutMs: number;
}

/** `address`: where people open Runlight; default: the one that it listens at. */
export function notificationSettings(env: Env, address = `http://${env.HOST}:${env.PORT}`): NotificationSettings {
  return {
    address: (env.PUBLIC_URL ?? env.BASE_URL ?? address).replace(/\/$/, ''),
    smtp: env.SMTP_URL === undefined ? undefined : { url: env.SMTP_URL, from: env.SMTP_FROM! },
    githubApiUrl: env.GITHUB_API_URL,
    privateAddresses: env.NOTIFY_PRIVATE_ADDRESSES,
    backoffMs: env.NOTIFY_BACKOFF,
    timeoutMs: env.NOTIFY_TIMEOUT,
  };
}
