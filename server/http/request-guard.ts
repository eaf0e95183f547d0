import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { maxUrlLength } from './url-length.ts';
import type { HostRules } from '#server/auth/authenticator.ts';

export interface Refusal {
  status: number;
  error: string;
  message: string;
}

const methods = new Set(['GET', 'HEAD', 'POST']);

/**
 * Why a request is not even looked at: it is addressed to a name that is not ours, as a page does whose name somebody
 * points at this machine; or a page of another origin sent it. Undefined when there is nothing of the kind.
 */
export function refusalOf(
  { headers, method = '', url = '' }: IncomingMessage,
  rules: HostRules,
  /** The address itself says that whoever has it may read what is there. */
  isGranted: boolean,
): Refusal | undefined {
  if (!methods.has(method))
    return { status: 405, error: 'method not allowed', message: `There is nothing to ${method} here.` };
  if (url.length > maxUrlLength)
    return {
      status: 414,
      error: 'uri too long',
      message: `The address may have at most ${maxUrlLength.toLocaleString('en')} characters; this one has ${url.length.toLocaleString('en')}.`,
    };
  const { host, origin } = headers;
  const site = headers['sec-fetch-site'];
  if (host !== undefined && !rules.allows(host.replace(/:\d+$/, '').toLowerCase()))
    return {
      status: 421,
      error: 'misdirected request',
      message: `This Runlight does not answer to the name ${host}. ${rules.hint}`,
    };
  const isRead = method === 'GET' || method === 'HEAD';
  if (isGranted && isRead) return undefined;
  if (origin !== undefined && !isRead && !isOwnOrigin(origin, host, rules)) return otherOrigin(origin);
  // What a browser says of itself no page can change. To open a page from elsewhere is fine; to embed or fetch is not.
  const isOpening = isRead && headers['sec-fetch-mode'] === 'navigate';
  if (!isOpening && (site === 'cross-site' || site === 'same-site') && !isOwnOrigin(origin, host, rules))
    return otherOrigin(origin ?? site);
  return undefined;
}

function isOwnOrigin(origin: string | undefined, host: string | undefined, { origins }: HostRules): boolean {
  if (origin === undefined) return false;
  return origin === `http://${host}` || origin === `https://${host}` || origins.has(origin);
}

const otherOrigin = (origin: string): Refusal => ({
  status: 403,
  error: 'forbidden',
  message: `Pages of another origin (${origin}) may not use this Runlight.`,
});

/** The value of a cookie; undefined without it. */
export function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** What follows `Authorization: Bearer`; undefined without it. */
export function readBearer({ headers }: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Takes the same time whatever the difference. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

const projectParam = /[?&]connectionParams=%7B%22project%22%3A%22([\da-f-]{36})%22%7D/i;

/**
 * The project that a request says it is about. Streams of browsers, which cannot have headers, say so in tRPC's
 * `connectionParams`.
 */
export function readProject({ headers, url = '' }: IncomingMessage): string | undefined {
  const header = headers['x-runlight-project'];
  return typeof header === 'string' ? header : projectParam.exec(url)?.[1];
}

/** Who sends a request, behind `proxies` proxies of ours: each has added whom it got it from. */
export function addressOf({ headers, socket }: IncomingMessage, proxies: number): string {
  const direct = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const forwarded = headers['x-forwarded-for'];
  if (proxies === 0 || forwarded === undefined) return direct;
  const chain = String(forwarded).split(',');
  return chain.at(-proxies)?.trim() || direct;
}
