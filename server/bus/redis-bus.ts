import type { Redis } from 'ioredis';
import type { Bus } from './bus.ts';
import { connectBus, type BusTimings, type Link, type LinkEvents } from './bus-connection.ts';
import { describeRedis, type RedisSettings } from '#server/config/redis-settings.ts';
import { within } from '#server/lib/within.ts';
import type { Logger } from '#server/lib/logger.ts';
import { createClient } from '#server/redis/create-client.ts';
import { findMaster } from '#server/redis/find-master.ts';
import { channelPrefix } from '#server/redis/prefixes.ts';

interface RedisLink extends Link {
  publish(channel: string, message: string): Promise<unknown>;
}

const advice = {
  server: 'Start Redis, or correct REDIS_URL (or REDIS_HOST, REDIS_PORT and REDIS_PASSWORD).',
  sentinel:
    'Start Redis and its sentinels, or correct REDIS_SENTINELS, REDIS_SENTINEL_MASTER and the passwords of both.',
  cluster: 'Start the cluster, or correct REDIS_CLUSTER and REDIS_PASSWORD.',
};

/**
 * The bus on Redis pub/sub, over two connections for all channels; in a cluster to the master that has them all. Resolves when they are
 * up; rejects with one error when Redis cannot be reached within `timeoutMs`.
 */
export async function createRedisBus(options: { redis: RedisSettings; logger: Logger } & BusTimings): Promise<Bus> {
  const { redis, logger, timeoutMs = 5_000, heartbeatMs = 10_000 } = options;

  const bus = await connectBus<RedisLink>({
    name: 'Redis',
    address: describeRedis(redis),
    advice: advice[redis.kind],
    open: (events, signal) => openLink({ redis, timeoutMs, events, signal }),
    logger,
    timeoutMs,
    heartbeatMs,
  });

  return {
    kind: 'redis',
    get state() {
      return bus.state;
    },
    subscribe: bus.subscribe,
    async publish(messages) {
      const link = bus.link();
      const sent = Promise.all(messages.map(({ channel, message }) => link.publish(channel, message)));
      await within(timeoutMs, sent, `Redis did not acknowledge a message within ${timeoutMs} ms`);
    },
    onState: bus.onState,
    async ping() {
      await within(timeoutMs, bus.link().ping(), `Redis did not answer within ${timeoutMs} ms`);
    },
    channelCount: bus.channelCount,
    [Symbol.asyncDispose]: bus.close,
  };
}

async function openLink(options: {
  redis: RedisSettings;
  timeoutMs: number;
  events: LinkEvents;
  signal: AbortSignal;
}): Promise<RedisLink> {
  const { redis, timeoutMs, events, signal } = options;
  const prefix = channelPrefix(redis);
  const server = redis.kind === 'cluster' ? await findMaster(redis, prefix, { timeoutMs, signal }) : redis;
  const open = (connectionName: string) =>
    createClient(server, {
      connectionName,
      connectTimeout: timeoutMs,
      lazyConnect: true,
      // A client is one connection: pending commands must fail when it breaks, not be sent again on another one.
      retryStrategy: null,
      sentinelRetryStrategy: () => null,
      sentinelCommandTimeout: timeoutMs,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: null,
      enableReadyCheck: false,
      // Every server and proxy speaks RESP2, and pub/sub gains nothing from RESP3.
      protocol: 2,
    });
  const subscriber = open('runlight:subscriber');
  const publisher = open('runlight:publisher');
  const clients = [subscriber, publisher];

  let cause: Error | undefined;
  const closeAll = () => {
    for (const client of clients) {
      client.disconnect();
      // `disconnect` waits for the server to close the connection, which a frozen server never does.
      client.stream?.destroy();
    }
  };
  for (const client of clients) {
    client.on('error', (error: Error) => (cause ??= error));
    client.on('end', () => events.end(cause ?? new Error('Redis closed the connection')));
  }
  const receive = (channel: string, message: string) => events.message(channel.slice(prefix.length), message);
  subscriber.on('message', receive);
  subscriber.on('smessage', receive);
  // A node of a cluster says so when it has no longer the channels.
  subscriber.on('moved', () => events.end(new Error('the channels are on another node now')));

  const ping = () => Promise.all(clients.map((client) => client.ping()));
  let isSharded = false;
  signal.addEventListener('abort', closeAll);
  try {
    signal.throwIfAborted();
    const connected = Promise.all(clients.map((client) => client.connect()));
    // A server that is loading its data accepts connections but does not answer yet.
    await within(timeoutMs, connected.then(ping), `no answer within ${timeoutMs} ms`);
    if (redis.kind === 'cluster') isSharded = await within(timeoutMs, canShard(publisher, prefix), 'no answer');
    signal.throwIfAborted();
  } catch (error) {
    closeAll();
    throw cause ?? error;
  } finally {
    signal.removeEventListener('abort', closeAll);
  }

  const wireNames = (channels: readonly string[]) => channels.map((channel) => prefix + channel);
  const common = {
    ping,
    isRefusal: (error: unknown) => error instanceof Error && error.name === 'ReplyError' && !isMoved(error),
    async close() {
      closeAll();
    },
  };
  if (!isSharded)
    return {
      ...common,
      subscribe: (channels) => subscriber.subscribe(...wireNames(channels)),
      unsubscribe: (channels) => subscriber.unsubscribe(...wireNames(channels)),
      publish: (channel, message) => publisher.publish(prefix + channel, message),
    };
  return {
    ...common,
    subscribe: (channels) => subscriber.ssubscribe(...wireNames(channels)),
    unsubscribe: (channels) => subscriber.sunsubscribe(...wireNames(channels)),
    publish: (channel, message) =>
      publisher.spublish(prefix + channel, message).catch((error: Error) => {
        if (isMoved(error)) events.end(error);
        throw error;
      }),
  };
}

/** Whether a node of a cluster can deliver messages without sending them to all other nodes: Redis 7 can. */
async function canShard(node: Redis, prefix: string): Promise<boolean> {
  try {
    await node.spublish(prefix, '');
    return true;
  } catch (error) {
    const { message } = error as Error;
    if (/unknown command/i.test(message)) return false;
    // This user may not use this channel, or publish at all, which the first message will say.
    if (message.startsWith('NOPERM')) return true;
    throw error;
  }
}

/** The node does not have the channels' slot, or the cluster is not complete. */
const isMoved = ({ message }: Error) => /^(MOVED|CLUSTERDOWN) /.test(message);
