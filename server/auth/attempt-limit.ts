import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** For each address, in a minute. */
const maxAttempts = 60;

/** Limits attempts by address. Resolves to the seconds until the next attempt is possible; 0 means now. */
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
