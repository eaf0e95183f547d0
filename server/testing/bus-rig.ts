import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import type { Bus } from '#server/bus/bus.ts';
import type { BusTimings } from '#server/bus/bus-connection.ts';
import { createPostgresBus } from '#server/bus/postgres-bus.ts';
import { createRedisBus } from '#server/bus/redis-bus.ts';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { redisOf } from './redis.ts';
import { startTopology, type TopologyKind } from './redis-topologies.ts';

/** A real server, what can be seen of the bus from its side, and what can be done to it. */
export interface BusRig extends AsyncDisposable {
  kind: Bus['kind'];
  /** How an operator names a Redis, with a user that may use `testApp`'s prefix, and nothing that docs/operations.md does not name. */
  env?: Record<string, string>;
  bus(options?: BusTimings & { logger?: typeof quiet }): Promise<Bus>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends the connections that listen, and no other. */
  disconnect(): Promise<void>;
  /** Stops the server's reading from the connections that listen, until this is disposed of. */
  freeze(): Promise<Disposable>;
  /** How many connections have this channel; on PostgreSQL only right for the latest command of a connection. */
  subscribers(channel: string): Promise<number>;
  /** Connections of buses. */
  connections(): Promise<number>;
  /** A channel that the server does not allow. */
  refused: string;
  /** Bytes of the largest message that is delivered whole. */
  maxBytes: number;
}

export const quiet = {
  warn: (_fields: object, _message: string) => {},
  info: (_fields: object, _message: string) => {},
};

// No heartbeat unless a test is about it: what a connection did last is what the test made it do.
const defaults = { logger: quiet, heartbeatMs: 60_000 };

/** The commands that an operator lets Runlight use: of a server, and of a cluster. */
async function documentedRights(): Promise<[string[], string[]]> {
  const docs = await readFile(path.join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const lines = [...docs.matchAll(/^ACL SETUSER runlight .*$/gm)].map(([line]) => line.split(' '));
  return lines.map((words) => words.filter((word) => /^[+-]/.test(word))) as [string[], string[]];
}

async function startRedisRig(kind: TopologyKind): Promise<BusRig> {
  const topology = await startTopology(kind, 't');
  const { master } = topology;
  const admin = topology.admin(master);
  const isCluster = kind === 'cluster';
  const prefix = isCluster ? '{t}:' : 't:';
  const numSub = isCluster ? 'SHARDNUMSUB' : 'NUMSUB';
  const rights = (await documentedRights())[isCluster ? 1 : 0];
  const allow = async (node: Redis) => {
    const user = ['on', '>secret', 'resetchannels', ...rights];
    await node.acl('SETUSER', 'bus', ...user, `&${prefix}ok:*`);
    const names = isCluster ? '{test_*}:*' : 'test_*:*';
    await node.acl('SETUSER', 'runlight', ...user, `~${names}`, `&${names}`);
  };
  await Promise.all(topology.servers.map((server) => allow(topology.admin(server))));
  const user = { REDIS_USERNAME: 'bus', REDIS_PASSWORD: 'secret', REDIS_PREFIX: 't' };
  return {
    kind: 'redis',
    env: { ...topology.env, REDIS_USERNAME: 'runlight' },
    bus: (options) => createRedisBus({ redis: redisOf({ ...topology.env, ...user }), ...defaults, ...options }),
    stop: master.stop,
    async start() {
      await master.start();
      await allow(admin);
    },
    async disconnect() {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    },
    async freeze() {
      return frozen(master.pid);
    },
    async subscribers(channel) {
      const [, count] = (await admin.call('PUBSUB', numSub, prefix + channel)) as [string, number];
      return Number(count);
    },
    async connections() {
      return String(await admin.client('LIST')).split('name=runlight:').length - 1;
    },
    refused: 'forbidden:1',
    maxBytes: Infinity,
    [Symbol.asyncDispose]: () => topology[Symbol.asyncDispose](),
  };
}

async function startPostgresRig(): Promise<BusRig> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'runlight-bus-'));
  const startServer = () => startEmbeddedPostgres({ dataDir, logger: quiet });
  let server = await startServer();
  const { connection } = server;
  const pool = new pg.Pool({ ...connection, connectionTimeoutMillis: 2_000 });
  pool.on('error', () => {});
  const listeners = async () => {
    const { rows } = await pool.query(
      "select pid, query from pg_stat_activity where application_name = 'runlight-bus'",
    );
    return rows as { pid: number; query: string }[];
  };
  return {
    kind: 'postgres',
    bus: (options) => createPostgresBus({ pool, connection, ...defaults, ...options }),
    async stop() {
      await server[Symbol.asyncDispose]();
    },
    async start() {
      server = await startServer();
    },
    async disconnect() {
      for (const { pid } of await listeners()) await pool.query('select pg_terminate_backend($1)', [pid]);
    },
    async freeze() {
      return frozen(...(await listeners()).map(({ pid }) => pid));
    },
    async subscribers(channel) {
      return (await listeners()).filter(({ query }) => query.includes(`listen "${channel}"`) && !query.startsWith('un'))
        .length;
    },
    async connections() {
      return (await listeners()).length;
    },
    // The only name that LISTEN does not take.
    refused: '',
    maxBytes: 7_900,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await server[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function frozen(...pids: number[]): Disposable {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return {
    [Symbol.dispose]() {
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGCONT');
        } catch {
          // The test has killed it.
        }
      }
    },
  };
}

/** For a `describe` block: its tests share a server, which stops after them. Returns the rig within a test. */
export function useBusRig(kind: TopologyKind | 'postgres'): () => BusRig {
  let rig: BusRig | undefined;
  beforeAll(async () => {
    rig = await (kind === 'postgres' ? startPostgresRig() : startRedisRig(kind));
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());
  return () => rig!;
}
