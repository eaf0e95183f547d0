import type { Services } from '#server/services.ts';
import type { Context } from '#server/trpc/procedure.ts';
import type { Caller } from '#server/identity/caller.ts';

/** Addresses that are remembered of one caller. */
const maxAddresses = 1_000;

/** Requests of one caller from one address share a context, since thousands of streams hold on to theirs. */
export function createContexts(services: Services) {
  const known = new WeakMap<Caller, Map<string, Context>>();
  return {
    of(caller: Caller, address: string): Context {
      let ofCaller = known.get(caller);
      if (!ofCaller) known.set(caller, (ofCaller = new Map()));
      let context = ofCaller.get(address);
      if (context) return context;
      if (ofCaller.size >= maxAddresses) ofCaller.clear();
      context = { ...caller, caller, services, address };
      ofCaller.set(address, context);
      return context;
    },
  };
}
