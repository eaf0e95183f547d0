import type { Responder } from '#server/sse/responder.ts';
import type { Context } from '#server/trpc/context.ts';
import type { Caller } from '#server/identity/caller.ts';
import type { Authenticator } from '#server/auth/authenticator.ts';
import type { Logger } from '#server/lib/logger.ts';

/**
 * Ends the streams of callers at most `everyMs` after their permissions have changed. One check covers all callers of the process.
 * The streams end as if the connection broke: clients connect again and get the refusal. Disposing stops the checks.
 */
export function endRevokedStreams(options: {
  responder: Pick<Responder<Context>, 'contexts' | 'end'>;
  /** Authenticators. Each one finds the revoked callers among those that it has authenticated. */
  callers: readonly Pick<Authenticator, 'findRevoked'>[];
  everyMs: number;
  logger: Logger;
}): Disposable {
  const { responder, everyMs, logger } = options;
  let isChecking = false;

  async function check() {
    const contexts = responder.contexts();
    if (contexts.size === 0 || isChecking) return;
    isChecking = true;
    try {
      const callers = new Set<Caller>([...contexts].map(({ caller }) => caller));
      const found = await Promise.all(options.callers.map((source) => source.findRevoked(callers)));
      const revoked = new Set(found.flatMap((some) => [...some]));
      if (revoked.size > 0) responder.end(new Set([...contexts].filter(({ caller }) => revoked.has(caller))));
    } catch (error) {
      // The streams stay open: while the database is away, they show nothing new.
      logger.warn({ err: error }, 'the permissions of open streams could not be checked; trying again');
    } finally {
      isChecking = false;
    }
  }
  const timer = setInterval(() => void check(), everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
