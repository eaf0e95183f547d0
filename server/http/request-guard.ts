import type { IncomingMessage } from 'node:http';
import { isUpload } from './body-timeout.ts';
import type { HostRules } from '#server/auth/authenticator.ts';

export interface Refusal {
  status: number;
  error: string;
  message: string;
  /** Of the response. */
  headers?: Record<string, string>;
}

/** Longer than any URL of ours, and than most proxies accept. */
const maxUrlLength = 16 * 1024;

const methods = new Set(['GET', 'HEAD', 'POST']);

/**
 * Converts a request in absolute-form (RFC 9112, 3.2.2), as proxies may send it, to origin-form: the host of its URL replaces
 * the header Host.
 */
export function toOriginForm(req: IncomingMessage): void {
  if (!/^https?:/i.test(req.url ?? '') || !URL.canParse(req.url!)) return;
  const { host, pathname, search } = new URL(req.url!);
  req.headers.host = host;
  req.url = pathname + search;
}

/**
 * The refusal of a request that names a foreign host, as DNS rebinding does, or that a page of another origin sent. Undefined
 * for all other requests.
 */
export function refusalOf(
  { headers, method = '', url = '' }: IncomingMessage,
  rules: HostRules,
  /** Pages of all origins may read it: a signed URL, a badge. */
  isOpenToAll: boolean,
): Refusal | undefined {
  if (!methods.has(method) && !isUpload({ method, url }))
    return {
      status: 405,
      error: 'method not allowed',
      message: `There is nothing to ${method} here.`,
      headers: { allow: [...methods].join(', ') },
    };
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
      message: wrongHost(host, rules),
    };
  const isRead = method === 'GET' || method === 'HEAD';
  if (isOpenToAll && isRead) return undefined;
  if (origin !== undefined && !isRead && !isOwnOrigin(origin, host, rules)) return otherOrigin(origin, rules);
  // Pages cannot change `sec-fetch-*`. Another site may open our pages, but may not embed or fetch them.
  const isOpening = isRead && headers['sec-fetch-mode'] === 'navigate';
  if (!isOpening && (site === 'cross-site' || site === 'same-site') && !isOwnOrigin(origin, host, rules))
    return otherOrigin(origin ?? site, rules);
  return undefined;
}

function isOwnOrigin(origin: string | undefined, host: string | undefined, { origins }: HostRules): boolean {
  if (origin === undefined) return false;
  return origin === `http://${host}` || origin === `https://${host}` || origins.has(origin);
}

function wrongHost(host: string, { addresses, setting }: HostRules): string {
  return (
    `The header Host is ${host}, and people open this Runlight at ${addresses.join(' or ')}. ` +
    `If a proxy sends the name of its upstream as Host, let it pass on the browser's (nginx: proxy_set_header Host $http_host). ` +
    `If people use ${host}, set ${setting} to that address.`
  );
}

function otherOrigin(origin: string, { addresses, setting }: HostRules): Refusal {
  return {
    status: 403,
    error: 'forbidden',
    message:
      `Pages of another origin (${origin}) may not use this Runlight, which people open at ${addresses.join(' or ')}. ` +
      `If ${origin} is Runlight behind a proxy, set ${setting} to that address.`,
  };
}
