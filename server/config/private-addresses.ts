import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** An address, and how many of its bits make the network. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Addresses of our own network that messages may go to: all, or those of some networks. */
export type PrivateAddresses = 'all' | readonly Network[];

function parseNetwork(text: string): Network | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** `true`, `false`, or networks such as `10.0.0.0/8`, separated by commas. */
export const privateAddresses = z
  .string()
  .default('false')
  .transform((text, context): PrivateAddresses => {
    if (text === 'true') return 'all';
    if (text === 'false') return [];
    const networks = text.split(',').map((part) => parseNetwork(part.trim()));
    if (networks.every((it) => it !== undefined)) return networks;
    context.addIssue({ code: 'custom', message: 'must be true, false, or networks such as 10.0.0.0/8,192.168.1.5' });
    return z.NEVER;
  });
