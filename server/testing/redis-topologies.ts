import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import type { CloseStack } from '#server/lib/close-stack.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { opened } from './resources.ts';

/** Servers that are one Redis to Runlight. */
export interface RedisTopology extends AsyncDisposable {
  /** How an operator names them, with all rights. */
  env: Record<string, string>;
  /** The server with the channels and keys of this Runlight, when all began. */
  master: TestRedis;
  /** The servers that become the master when that one is gone. */
  replicas: TestRedis[];
  /** All servers, without sentinels. */
  servers: TestRedis[];
  /** A client of a server of these, which connects again. */
  admin(server: TestRedis): Redis;
  /** Lets a master that does not answer be replaced within seconds. Until then none is, so that a test has its time. */
  failOver(): Promise<void>;
}

export type TopologyKind = 'single' | 'tls' | 'sentinel' | 'cluster';

/** After how long a silent server is taken for dead, in ms. */
const never = '600000';
const soon = '1000';

const secret = 'secret';
const secured = ['--requirepass', secret, '--masterauth', secret];

/**
 * One server; one that speaks TLS alone and asks for certificates; three sentinels of a master with two replicas, all over TLS; a cluster of three
 * masters, and a replica of the one with the keys and channels of `prefix`.
 */
export function startTopology(kind: TopologyKind, prefix = 'runlight'): Promise<RedisTopology> {
  return { single: startSingle, tls: startTls, sentinel: startSentinels, cluster: startCluster }[kind](prefix);
}

function adminOf(stack: CloseStack, password = secret, tls?: object) {
  return ({ port }: TestRedis) => {
    const retryStrategy = () => 20;
    const admin = new Redis({ host: '127.0.0.1', port, password, tls, retryStrategy, maxRetriesPerRequest: null });
    admin.on('error', () => {});
    stack.defer(async () => admin.disconnect());
    return admin;
  };
}

const startSingle = () =>
  opened(async (stack) => {
    const master = stack.use(await startRedis({ args: secured }));
    return {
      env: { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(master.port), REDIS_PASSWORD: secret },
      master,
      replicas: [],
      servers: [master],
      admin: adminOf(stack),
      failOver: async () => {},
    };
  });

/** A certificate that is its own authority, and what servers and clients make of it. */
async function makeCertificate(stack: CloseStack) {
  const dir = await mkdtemp(path.join(tmpdir(), 'runlight-redis-tls-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const [cert, key] = [path.join(dir, 'redis.crt'), path.join(dir, 'redis.key')];
  const name = 'redis.test';
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-out', cert, '-keyout', key];
  await promisify(execFile)('openssl', args);
  const text = await readFile(cert, 'utf8');
  return {
    tls: { ca: text, cert: text, key: await readFile(key, 'utf8'), servername: name },
    args: ['--tls-ca-cert-file', cert, '--tls-cert-file', cert, '--tls-key-file', key, '--tls-replication', 'yes'],
    env: {
      REDIS_TLS: '1',
      REDIS_TLS_CA: cert,
      REDIS_TLS_CERT: cert,
      REDIS_TLS_KEY: key,
      REDIS_TLS_SERVERNAME: name,
    },
  };
}

const startTls = () =>
  opened(async (stack) => {
    const { tls, args, env } = await makeCertificate(stack);
    const master = stack.use(await startRedis({ args: [...secured, ...args], tls }));
    return {
      env: { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(master.port), REDIS_PASSWORD: secret, ...env },
      master,
      replicas: [],
      servers: [master],
      admin: adminOf(stack, secret, tls),
      failOver: async () => {},
    };
  });

const startSentinels = () =>
  opened(async (stack) => {
    const { tls, args, env } = await makeCertificate(stack);
    const master = stack.use(await startRedis({ args: [...secured, ...args], tls }));
    const ofReplica = ['--replicaof', `127.0.0.1 ${master.port}`, '--repl-diskless-sync-delay', '0'];
    const replicas = await Promise.all(
      [1, 2].map(() => startRedis({ args: [...secured, ...args, ...ofReplica], tls })),
    );
    for (const replica of replicas) stack.use(replica);
    const sentinel = `
      requirepass sentinel-secret
      sentinel sentinel-pass sentinel-secret
      sentinel monitor runlight 127.0.0.1 ${master.port} 2
      sentinel auth-pass runlight ${secret}
      sentinel down-after-milliseconds runlight ${never}
      sentinel failover-timeout runlight 10000`.replaceAll(/^ +/gm, '');
    const sentinels = await Promise.all([1, 2, 3].map(() => startRedis({ args, tls, sentinel })));
    for (const it of sentinels) stack.use(it);
    return {
      env: {
        REDIS_SENTINELS: sentinels.map(({ port }) => `127.0.0.1:${port}`).join(','),
        REDIS_SENTINEL_MASTER: 'runlight',
        REDIS_SENTINEL_PASSWORD: 'sentinel-secret',
        REDIS_PASSWORD: secret,
        ...env,
      },
      master,
      replicas,
      servers: [master, ...replicas],
      admin: adminOf(stack, secret, tls),
      async failOver() {
        const toSentinel = adminOf(stack, 'sentinel-secret', tls);
        for (const it of sentinels)
          await toSentinel(it).call('SENTINEL', 'SET', 'runlight', 'down-after-milliseconds', soon);
      },
    };
  });

const startCluster = (prefix: string) =>
  opened(async (stack) => {
    const admin = adminOf(stack);
    const nodes = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const busPort = await freePort();
        const args = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-node-timeout', never];
        const server = await startRedis({ args: [...secured, ...args, '--repl-diskless-sync-delay', '0'] });
        return { server, busPort, client: admin(server) };
      }),
    );
    for (const { server } of nodes) stack.use(server);
    const slot = await nodes[0]!.client.cluster('KEYSLOT', `{${prefix}}`);
    const bounds = [0, 5_461, 10_923, 16_384];
    await Promise.all(
      nodes.map(async ({ client }, index) => {
        await client.cluster('SET-CONFIG-EPOCH', index + 1);
        if (index < 3) await client.cluster('ADDSLOTSRANGE', bounds[index]!, bounds[index + 1]! - 1);
        for (const { server, busPort } of nodes.slice(0, index))
          await client.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort);
      }),
    );
    await eventually(async () => {
      for (const { client } of nodes) {
        const info = await client.cluster('INFO');
        expect(info).toContain('cluster_state:ok');
        expect(info).toContain(`cluster_known_nodes:${nodes.length}`);
      }
    });
    const owner = nodes[bounds.findIndex((bound) => slot < bound) - 1]!;
    const replica = nodes[3]!;
    await replica.client.call('CLUSTER', 'REPLICATE', (await owner.client.call('CLUSTER', 'MYID')) as string);
    return {
      env: {
        REDIS_CLUSTER: nodes.map(({ server }) => `127.0.0.1:${server.port}`).join(','),
        REDIS_PASSWORD: secret,
      },
      master: owner.server,
      replicas: [replica.server],
      servers: nodes.map(({ server }) => server),
      admin,
      async failOver() {
        for (const { server, client } of nodes)
          if (server !== owner.server) await client.config('SET', 'cluster-node-timeout', soon);
      },
    };
  });
