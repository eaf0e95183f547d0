import type { AttemptLog } from '#server/audit/attempt-log.ts';
import { actorOf } from '#server/identity/actor.ts';
import type { Caller } from '#server/identity/caller.ts';
import type { Context } from '#server/trpc/context.ts';

/** Contexts kept for one caller. */
const maxAddresses = 1_000;

/** Requests of one caller from one address share a context, since each of thousands of streams holds one. */
export function createContexts({ attempts }: { attempts: AttemptLog }) {
  const known = new WeakMap<Caller, Map<string, Context>>();
  return {
    of(caller: Caller, address: string): Context {
      let ofCaller = known.get(caller);
      if (!ofCaller) known.set(caller, (ofCaller = new Map()));
      let context = ofCaller.get(address);
      if (context) return context;
      if (ofCaller.size >= maxAddresses) ofCaller.clear();
      context = {
        ...caller,
        caller,
        address,
        onRefused: (procedure, reason) =>
          attempts.note({
            action: 'access.refused',
            who: actorOf({ ...caller, address }),
            scope: { projectId: caller.projectId, organizationId: caller.organizationId },
            target: { kind: 'procedure', id: null, name: procedure },
            details: { reason },
          }),
      };
      ofCaller.set(address, context);
      return context;
    },
  };
}
