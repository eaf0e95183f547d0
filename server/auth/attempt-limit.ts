import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** In a minute. */
const maxAttempts = 60;

/** Counts what strangers try, by address. Answers in how many seconds the next attempt is possible; 0: now. */
export function createAttemptLimit(
  app: FastifyInstance,
  kind: string,
  addressOf: (req: IncomingMessage) => string,
): (request: FastifyRequest) => Promise<number> {
  const count = app.createRateLimit({
    max: maxAttempts,
    timeWindow: 60_000,
    allowList: () => false,
    keyGenerator: (request) => `${kind} ${addressOf(request.raw)}`,
  });
  return async (request) => {
    const limit = await count(request);
    return !limit.isAllowed && limit.isExceeded ? limit.ttlInSeconds : 0;
  };
}
