import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RateLimitOptions } from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { readBadge } from '#server/badges/read-badge.ts';
import { renderBadge } from '#server/badges/render-badge.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';

const pattern = /^\/badge\/[^/]+\.svg(\?|$)/;

/** Pages of all origins may show badges. */
export const isBadge = ({ url = '' }: IncomingMessage): boolean => pattern.test(url);

/** Requests of an address in a minute. Proxies of pictures ask for many people. */
const requestsPerAddress = 600;

const headers = {
  // GitHub's proxy of pictures and browsers ask each time, and get no more than 304 while nothing has changed.
  'cache-control': 'no-cache',
  'cross-origin-resource-policy': 'cross-origin',
  'content-security-policy': "sandbox; default-src 'none'",
};

/** Serves `/badge/<token>.svg` to anyone who knows the token. */
export function serveBadges(
  app: FastifyInstance,
  { db, addressOf }: { db: Database; addressOf(req: IncomingMessage): string },
): void {
  const rateLimit: RateLimitOptions = {
    max: requestsPerAddress,
    timeWindow: 60_000,
    allowList: () => false,
    keyGenerator: ({ raw }) => `badge ${addressOf(raw)}`,
    errorResponseBuilder: (_request, { max, after }) =>
      new AppError(
        'TOO_MANY_REQUESTS',
        `An address may ask for ${max} badges a minute; the next is possible in ${after}.`,
      ),
  };
  app.get<{ Params: { token: string } }>('/badge/:token.svg', { config: { rateLimit } }, async (request, reply) => {
    const content = await readBadge(db, request.params.token);
    const svg = renderBadge(content);
    const etag = `"${createHash('sha256').update(svg).digest('base64url')}"`;
    reply.code(content ? 200 : 404).headers({ ...headers, etag });
    if (content && request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('image/svg+xml; charset=utf-8').send(svg);
  });
}
