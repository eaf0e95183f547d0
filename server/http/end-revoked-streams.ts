import type { Responder } from '#server/sse/responder.ts';
import type { Context } from '#server/trpc/context.ts';
import type { Caller } from '#server/identity/caller.ts';
import type { Authenticator } from '#server/auth/authenticator.ts';
import type { Logger } from '#server/lib/logger.ts';

/**
 * Ends streams whose callers have lost their right, at most `everyMs` later: all callers of the process are looked at
 * together, whatever the number of their streams. They end without saying that nothing follows, so that the clients ask
 * again, and are told why not. Disposing ends the looking.
 */
export function endRevokedStreams(options: {
  responder: Pick<Responder<Context>, 'contexts' | 'end'>;
  authenticator: Pick<Authenticator, 'findRevoked'>;
  everyMs: number;
  logger: Logger;
}): Disposable {
  const { responder, authenticator, everyMs, logger } = options;
  let isChecking = false;

  async function check() {
    const contexts = responder.contexts();
    if (contexts.size === 0 || isChecking) return;
    isChecking = true;
    try {
      const callers = new Set<Caller>([...contexts].map(({ caller }) => caller));
      const revoked = await authenticator.findRevoked(callers);
      if (revoked.size > 0) responder.end(new Set([...contexts].filter(({ caller }) => revoked.has(caller))));
    } catch (error) {
      // Nobody can say whether they may still watch, and nobody has anything new to see.
      logger.warn({ err: error }, 'the rights of those who watch could not be read; it is tried again');
    } finally {
      isChecking = false;
    }
  }
  const timer = setInterval(() => void check(), everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
