import type { IncomingMessage } from 'node:http';

/** Who sends a request, behind `proxies` proxies of ours: each has added whom it got it from. */
export function addressOf({ headers, socket }: IncomingMessage, proxies: number): string {
  const direct = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const forwarded = headers['x-forwarded-for'];
  if (proxies === 0 || forwarded === undefined) return direct;
  const chain = String(forwarded).split(',');
  return chain.at(-proxies)?.trim() || direct;
}
