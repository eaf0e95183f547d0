import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';

/** The client's address, behind `proxies` trusted proxies, each of which appends to `x-forwarded-for`. */
export function addressOf(req: IncomingMessage, proxies: number): string {
  // A socket that is already closed has no address.
  const address: string | undefined = proxyAddr(req, (_address, hop) => hop < proxies);
  return (address ?? '').replace(/^::ffff:/, '');
}
