import { Redis, type RedisOptions } from 'ioredis';
import type { Bus } from './bus.ts';
import { connectBus, type BusTimings, type Link, type LinkEvents } from './bus-connection.ts';
import { within } from '#server/lib/within.ts';
import type { Logger } from '#server/lib/logger.ts';

interface RedisLink extends Link {
  publish(channel: string, message: string): Promise<unknown>;
}

/**
 * The bus on Redis pub/sub, over two connections for all channels. Resolves when they are up; rejects with one error when
 * Redis cannot be reached within `timeoutMs`. `prefix` is added to channel names on the server only.
 */
export async function createRedisBus(
  options: {
    connection: RedisOptions | string;
    prefix?: string;
    logger: Logger;
  } & BusTimings,
): Promise<Bus> {
  const { connection, prefix = '', logger, timeoutMs = 5_000, heartbeatMs = 10_000 } = options;

  const bus = await connectBus<RedisLink>({
    name: 'Redis',
    address: addressOf(connection),
    advice: 'Start Redis, or correct REDIS_URL (or REDIS_HOST, REDIS_PORT and REDIS_PASSWORD).',
    open: (events, signal) => openLink({ connection, prefix, timeoutMs, events, signal }),
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
      const sent = Promise.all(messages.map(({ channel, message }) => link.publish(prefix + channel, message)));
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
  connection: RedisOptions | string;
  prefix: string;
  timeoutMs: number;
  events: LinkEvents;
  signal: AbortSignal;
}): Promise<RedisLink> {
  const { connection, prefix, timeoutMs, events, signal } = options;
  const subscriber = createClient(connection, 'runlight:subscriber', timeoutMs);
  const publisher = createClient(connection, 'runlight:publisher', timeoutMs);
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
  subscriber.on('message', (channel: string, message: string) => {
    events.message(channel.slice(prefix.length), message);
  });

  const ping = () => Promise.all(clients.map((client) => client.ping()));
  signal.addEventListener('abort', closeAll);
  try {
    const connected = Promise.all(clients.map((client) => client.connect()));
    // A server that is loading its data accepts connections but does not answer yet.
    await within(timeoutMs, connected.then(ping), `no answer within ${timeoutMs} ms`);
    signal.throwIfAborted();
  } catch (error) {
    closeAll();
    throw cause ?? error;
  } finally {
    signal.removeEventListener('abort', closeAll);
  }

  const wireNames = (channels: readonly string[]) => channels.map((channel) => prefix + channel);
  return {
    subscribe: (channels) => subscriber.subscribe(...wireNames(channels)),
    unsubscribe: (channels) => subscriber.unsubscribe(...wireNames(channels)),
    publish: (channel, message) => publisher.publish(channel, message),
    ping,
    isRefusal: (error) => error instanceof Error && error.name === 'ReplyError',
    async close() {
      closeAll();
    },
  };
}

function createClient(connection: RedisOptions | string, connectionName: string, timeoutMs: number): Redis {
  const options: RedisOptions = {
    connectionName,
    connectTimeout: timeoutMs,
    lazyConnect: true,
    // A client is one connection: pending commands must fail when it breaks, not be sent again on another one.
    retryStrategy: null,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
    keyPrefix: '',
    // Every server and proxy speaks RESP2, and pub/sub gains nothing from RESP3.
    protocol: 2,
  };
  return typeof connection === 'string' ? new Redis(connection, options) : new Redis({ ...connection, ...options });
}

/** The address without credentials. */
function addressOf(connection: RedisOptions | string): string {
  if (typeof connection === 'string') {
    if (!URL.canParse(connection)) return 'an address that is not a URL';
    const url = new URL(connection);
    return url.hostname === '' ? url.pathname : `${url.hostname}:${url.port || 6379}`;
  }
  if (connection.path) return connection.path;
  return `${connection.host ?? 'localhost'}:${connection.port ?? 6379}`;
}
