import net from 'node:net';
import pg from 'pg';
import type { Bus } from './bus.ts';
import { connectBus, type BusTimings, type Link, type LinkEvents } from './bus-connection.ts';
import { createPostgresPublisher } from './postgres-publisher.ts';
import { decodePayload, wireName } from './postgres-wire.ts';
import { within } from '#server/lib/within.ts';
import type { Logger } from '#server/lib/logger.ts';

const goodbyeMs = 1_000;

/**
 * The bus on LISTEN/NOTIFY. Listens on a connection of its own and publishes on the pool, which the caller owns. Resolves
 * when it listens; rejects with one error when PostgreSQL cannot be reached within `timeoutMs`. A message above 7,900
 * bytes arrives as `undefined`. Does not work through a pooler that shares sessions.
 */
export async function createPostgresBus(
  options: {
    pool: pg.Pool;
    connection: pg.ClientConfig | string;
    logger: Logger;
  } & BusTimings,
): Promise<Bus> {
  const { pool, logger, timeoutMs = 5_000, heartbeatMs = 10_000 } = options;
  const config =
    typeof options.connection === 'string' ? { connectionString: options.connection } : { ...options.connection };

  const bus = await connectBus({
    name: 'PostgreSQL',
    address: addressOf(config),
    advice: 'Start PostgreSQL, or correct DATABASE_URL.',
    open: (events, signal) => openLink({ config, timeoutMs, events, signal }),
    logger,
    timeoutMs,
    heartbeatMs,
  });

  return {
    kind: 'postgres',
    get state() {
      return bus.state;
    },
    subscribe: bus.subscribe,
    publish: createPostgresPublisher(pool, timeoutMs),
    onState: bus.onState,
    async ping() {
      const answers = Promise.all([bus.link().ping(), pool.query('select 1')]);
      await within(timeoutMs, answers, `PostgreSQL did not answer within ${timeoutMs} ms`);
    },
    channelCount: bus.channelCount,
    [Symbol.asyncDispose]: bus.close,
  };
}

async function openLink(options: {
  config: pg.ClientConfig;
  timeoutMs: number;
  events: LinkEvents;
  signal: AbortSignal;
}): Promise<Link> {
  const { config, timeoutMs, events, signal } = options;
  const socket = new net.Socket();
  const client = new pg.Client({
    ...config,
    application_name: 'runlight-bus',
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    stream: () => socket,
  });
  client.on('error', events.end);
  client.on('end', () => events.end(new Error('PostgreSQL closed the connection')));
  client.on('notification', ({ channel: name, payload = '' }) => {
    const { channel, message } = decodePayload(name, payload);
    events.message(channel, message);
  });

  const destroy = () => void socket.destroy(new Error('the connection was closed'));
  signal.addEventListener('abort', destroy);
  try {
    await client.connect();
    signal.throwIfAborted();
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
  }

  // One query at a time: node-postgres deprecates its own queue of queries.
  let last: Promise<unknown> = Promise.resolve();
  const query = (text: string) => {
    const result = last.then(() => client.query(text));
    last = result.catch(() => {});
    return result;
  };
  const each = (command: string, channels: readonly string[]) =>
    query(channels.map((channel) => `${command} ${pg.escapeIdentifier(wireName(channel))}`).join(';'));

  return {
    subscribe: (channels) => each('listen', channels),
    unsubscribe: (channels) => each('unlisten', channels),
    ping: () => query('select 1'),
    isRefusal(error) {
      // Classes 08 and 57P mean that the connection or the server is going away.
      return error instanceof pg.DatabaseError && !/^(08|57P)/.test(error.code ?? '');
    },
    async close() {
      // A frozen server never acknowledges the end.
      await within(goodbyeMs, client.end(), 'no goodbye').catch(() => {});
      socket.destroy();
    },
  };
}

/** The address without credentials. node-postgres reads missing settings from the environment. */
function addressOf(config: pg.ClientConfig): string {
  const { host, port } = new pg.Client(config);
  return host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`;
}
