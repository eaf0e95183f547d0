import dns from 'node:dns';
import net, { type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { PrivateAddresses } from '#server/config/private-addresses.ts';

/** An address that messages do not go to. Trying again does not help. */
export class RefusedAddress extends Error {
  constructor(host: string, address: string) {
    super(
      `${host === address ? host : `${host} has the address ${address}, which`} is not on the public internet. Use another address, or let the operator allow it with NOTIFY_PRIVATE_ADDRESSES.`,
    );
  }
}

export interface AddressGuard {
  /** Throws RefusedAddress if the host of the URL is an address that is not allowed; names are looked at by `lookup`. */
  check(url: URL): void;
  /** Resolves a name for a connection. It fails with RefusedAddress if one of its addresses is not allowed. */
  lookup: LookupFunction;
}

/** Gives the metadata of a machine in Azure, from an address that is public otherwise. */
const azure = '168.63.129.16';

/**
 * Keeps users from making this server send requests into its own network. The connection goes to the very address that was
 * looked at, so that a name cannot have another one meanwhile.
 */
export function createAddressGuard(allowed: PrivateAddresses): AddressGuard {
  const isAllowed = (text: string): boolean => {
    if (allowed === 'all') return true;
    const address = ipaddr.process(text);
    if (address.range() === 'unicast' && text !== azure) return true;
    return allowed.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  };
  return {
    check({ hostname }) {
      const host = hostname.replace(/^\[|\]$/g, '');
      if (net.isIP(host) !== 0 && !isAllowed(host)) throw new RefusedAddress(host, host);
    },
    lookup(host, options, done) {
      dns.lookup(host, { ...options, all: true }, (error, addresses) => {
        if (error) return done(error, '', 0);
        const refused = addresses.find(({ address }) => !isAllowed(address));
        if (refused) return done(new RefusedAddress(host, refused.address), '', 0);
        if (options.all) return done(null, addresses);
        done(null, addresses[0]!.address, addresses[0]!.family);
      });
    },
  };
}

/** For addresses that the operator has set. */
export const noGuard = createAddressGuard('all');
