import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisCluster, RedisSentinels, RedisServer } from '#server/config/redis-settings.ts';

/** Between attempts to reach servers, in ms. */
const retryMs = (times: number) => Math.round(Math.min(50 * 2 ** times, 2_000) * (0.5 + Math.random() / 2));

/** A client of the server, or of the master that the sentinels name: they are asked before each connection. */
export function createClient(redis: RedisServer | RedisSentinels, options: RedisOptions): Redis {
  if (redis.kind === 'server') {
    const { host, port, db } = redis;
    return new Redis({ ...accessOf(redis), host, port, db, retryStrategy: retryMs, ...options });
  }
  const { master, sentinels, sentinelUsername, sentinelPassword, tls } = redis;
  const client = new Redis({
    ...accessOf(redis),
    name: master,
    sentinels,
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    retryStrategy: retryMs,
    sentinelRetryStrategy: retryMs,
    // A master that has become a replica without closing its connections.
    reconnectOnError: ({ message }) => message.startsWith('READONLY') && 2,
    ...options,
    // It includes the server's role: sentinels may name a master that is one no more.
    enableReadyCheck: true,
  });
  client.on('sentinelError', ({ message }: Error) => {
    if (message.endsWith('invalid reply: null'))
      client.emit('error', new Error(`no sentinel knows a master "${master}"`));
  });
  return client;
}

/** A client of all nodes of a cluster, which follows keys to the masters that have them. */
export function createClusterClient(redis: RedisCluster, { enableOfflineQueue, ...options }: RedisOptions): Cluster {
  return new Cluster(redis.nodes, {
    enableOfflineQueue,
    redisOptions: { ...accessOf(redis), ...options },
    clusterRetryStrategy: retryMs,
    slotsRefreshTimeout: 3_000,
    // Certificates have names of hosts, not their addresses.
    dnsLookup: (host, callback) => callback(null, host),
  });
}

function accessOf({ username, password, tls }: RedisServer | RedisSentinels | RedisCluster): RedisOptions {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
  };
}
