import type { IncomingMessage } from 'node:http';

/** The value of a cookie, if the request has it. */
export function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** The token of `Authorization: Bearer`, if the request has one. */
export function readBearer({ headers }: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

const projectParam = /[?&]connectionParams=%7B%22project%22%3A%22([\da-f-]{36})%22%7D/i;

/**
 * The project that a request names: in a header, or in tRPC's `connectionParams` for an EventSource, which cannot send
 * headers.
 */
export function readProject({ headers, url = '' }: IncomingMessage): string | undefined {
  const header = headers['x-runlight-project'];
  return typeof header === 'string' ? header : projectParam.exec(url)?.[1];
}
