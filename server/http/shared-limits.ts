import { callbackify } from 'node:util';
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { RedisOptions } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { RedisSettings } from '#server/config/redis-settings.ts';
import { createClient, createClusterClient } from '#server/redis/create-client.ts';
import { queuePrefix } from '#server/redis/prefixes.ts';

/** In which requests are counted, in s: what all limits of ours have. */
const limitWindowS = 60;

/** Redis has to count a request within this time, in ms. */
const countWithinMs = 500;

/** A server that is silent for so long is lost, in ms. */
const silentMs = 15_000;

/** Counts above any limit; the routes know theirs. */
const points = Number.MAX_SAFE_INTEGER;

/** Counts of all processes, for @fastify/rate-limit. */
export interface SharedLimits extends Disposable {
  store: FastifyRateLimitStoreCtor;
}

/**
 * Counts requests in Redis, over all processes. While Redis is away, each process counts its own: a limit that grows with the number of
 * processes is better than none, and than refusing requests that PostgreSQL could answer.
 */
export function createSharedLimits(redis: RedisSettings): SharedLimits {
  const options: RedisOptions = {
    connectionName: 'runlight-limits',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: countWithinMs,
    socketTimeout: silentMs,
  };
  const client = redis.kind === 'cluster' ? createClusterClient(redis, options) : createClient(redis, options);
  // Bus and queue say that Redis is away.
  client.on('error', () => {});
  const limiter = new RateLimiterRedis({
    storeClient: client,
    rejectIfRedisNotReady: true,
    keyPrefix: `${queuePrefix(redis)}:limits`,
    points,
    duration: limitWindowS,
    insuranceLimiter: new RateLimiterMemory({ points, duration: limitWindowS }),
  });

  const count = callbackify(async (key: string) => {
    const { consumedPoints, msBeforeNext } = await limiter.consume(key);
    return { current: consumedPoints, ttl: msBeforeNext };
  });

  /** One for all routes: their keys differ. */
  class Store implements FastifyRateLimitStore {
    incr(key: string, callback: Parameters<FastifyRateLimitStore['incr']>[1]): void {
      count(key, callback);
    }
    child(): Store {
      return this;
    }
  }
  return { store: Store, [Symbol.dispose]: () => client.disconnect() };
}
