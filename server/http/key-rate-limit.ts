import type { RateLimitPluginOptions } from '@fastify/rate-limit';
import { readBearer } from '#server/auth/request-credentials.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import { AppError } from '#server/lib/errors.ts';

/** All shards of a build report with one key, and each sends what it has several times a second. */
const reportsPerRequest = 20;
const isReport = (url: string) => /^\/api\/(trpc\/reports\.\w+(\?|$)|reports\/)/.test(url);

/**
 * Settings of @fastify/rate-limit for requests with an API key: `requestsPerKey` in a minute, and 20 times as many that report
 * runs. Streams do not reach the plugin; `createStreamLimits` limits them.
 */
export function keyRateLimit(requestsPerKey: number): RateLimitPluginOptions {
  const isUnlimited = !Number.isFinite(requestsPerKey);
  return {
    // The plugin would replace Infinity with its own default.
    max: (request) => (isUnlimited ? 1 : requestsPerKey * (isReport(request.url) ? reportsPerRequest : 1)),
    timeWindow: 60_000,
    allowList: (request) => isUnlimited || readBearer(request.raw) === undefined,
    keyGenerator: (request) =>
      `key ${hashSecret(readBearer(request.raw) ?? '')}${isReport(request.url) ? ' reports' : ''}`,
    errorResponseBuilder: (_request, { max, after }) =>
      new AppError(
        'TOO_MANY_REQUESTS',
        `A key may make ${max} requests a minute (REQUESTS_PER_KEY); the next is possible in ${after}.`,
      ),
  };
}
