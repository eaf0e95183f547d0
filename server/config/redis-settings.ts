import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { flag, port } from './env-fields.ts';

export interface RedisNode {
  host: string;
  port: number;
}

/** Certificates in PEM. Those of the system count unless there is a `ca`. */
export interface RedisTls {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** The name in the certificates, where addresses are not in them. */
  servername?: string | undefined;
}

interface Access {
  username?: string | undefined;
  password?: string | undefined;
  tls?: RedisTls | undefined;
  /** Of all keys and channels, so that several Runlights can share one Redis. */
  prefix?: string | undefined;
}

/** The only server. */
export interface RedisServer extends Access, RedisNode {
  kind: 'server';
  db?: number | undefined;
}

/** Sentinels, which know the master. Another server becomes the master when it fails. */
export interface RedisSentinels extends Access {
  kind: 'sentinel';
  sentinels: RedisNode[];
  /** The name of the master and its replicas. */
  master: string;
  sentinelUsername?: string | undefined;
  sentinelPassword?: string | undefined;
}

/** Some nodes of a cluster, which know all others. */
export interface RedisCluster extends Access {
  kind: 'cluster';
  nodes: RedisNode[];
}

/** Where Redis is, and how Runlight gets in. */
export type RedisSettings = RedisServer | RedisSentinels | RedisCluster;

const redisUrl = z.url({ protocol: /^rediss?$/, error: 'must be a redis:// address' }).superRefine((text, issues) => {
  const { pathname, search, hash } = new URL(text);
  if (!/^(\/\d*)?$/.test(pathname))
    issues.addIssue({ code: 'custom', message: 'must end with the number of a database, such as /0, or with none' });
  if (search || hash)
    issues.addIssue({
      code: 'custom',
      message: 'has a query or fragment, which cannot be used: rediss:// is Redis over TLS',
    });
});

const addresses = (defaultPort: number) =>
  z.string().transform((text, issues): RedisNode[] =>
    text.split(',').map((address) => {
      const match = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(address.trim());
      const node = { host: match?.[1] ?? match?.[2] ?? '', port: Number(match?.[3] ?? defaultPort) };
      if (!match || node.port > 65_535)
        issues.addIssue({ code: 'custom', message: 'must be host:port, or several of them, separated by commas' });
      return node;
    }),
  );

const pemFile = z.string().transform((file, issues) => {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN ')) return text;
    issues.addIssue({ code: 'custom', message: 'is not a PEM file: it has no line with BEGIN' });
  } catch (error) {
    issues.addIssue({ code: 'custom', message: `cannot be read: ${(error as Error).message}` });
  }
  return z.NEVER;
});

/** The part of the environment that is about Redis. */
export const redisFields = {
  REDIS_URL: redisUrl.optional(),
  REDIS_HOST: z.string().optional(),
  REDIS_PORT: port.min(1).default(6379),
  REDIS_SENTINELS: addresses(26_379).optional(),
  REDIS_SENTINEL_MASTER: z.string().optional(),
  REDIS_SENTINEL_USERNAME: z.string().optional(),
  REDIS_SENTINEL_PASSWORD: z.string().optional(),
  REDIS_CLUSTER: addresses(6379).optional(),
  REDIS_USERNAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_TLS: flag.optional(),
  REDIS_TLS_CA: pemFile.optional(),
  REDIS_TLS_CERT: pemFile.optional(),
  REDIS_TLS_KEY: pemFile.optional(),
  REDIS_TLS_SERVERNAME: z.string().optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w.:-]{1,100}$/, 'must have letters, digits and _.:- only')
    .optional(),
};

type RedisEnv = z.infer<z.ZodObject<typeof redisFields>>;

const places = ['REDIS_URL', 'REDIS_HOST', 'REDIS_SENTINELS', 'REDIS_CLUSTER'] as const;
const ofUrl = ['REDIS_HOST', 'REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_TLS'] as const;
const ofSentinels = ['REDIS_SENTINEL_MASTER', 'REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'] as const;
const ofTls = ['REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY', 'REDIS_TLS_SERVERNAME'] as const;
const ofAny = ['REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_TLS', ...ofTls, 'REDIS_PREFIX'] as const;

/** Reports settings of Redis that contradict each other, or that nothing uses. */
export function checkRedis(env: RedisEnv, report: (name: keyof RedisEnv, message: string) => void): void {
  const refuse = (names: readonly (keyof RedisEnv)[], message: string) => {
    for (const name of names) if (env[name] !== undefined) report(name, message);
  };
  const [place, ...others] = places.filter((name) => env[name] !== undefined);
  if (env.REDIS_URL !== undefined) refuse(ofUrl, 'is part of REDIS_URL, which is set, too: set one of them');
  refuse(
    others.filter((name) => name !== 'REDIS_HOST' || place !== 'REDIS_URL'),
    `names another Redis than ${place}, which is set, too: set one of them`,
  );
  if (place === undefined) refuse(ofAny, `is of no use without one of ${places.join(', ')}`);
  else if (!usesTls(env))
    refuse(ofTls, `is of no use without TLS: ${env.REDIS_URL ? 'write rediss://' : 'set REDIS_TLS=1'}`);
  if (env.REDIS_SENTINELS === undefined) refuse(ofSentinels, 'is of no use without REDIS_SENTINELS');
  for (const [name, other] of [
    ['REDIS_USERNAME', 'REDIS_PASSWORD'],
    ['REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'],
    ['REDIS_TLS_CERT', 'REDIS_TLS_KEY'],
    ['REDIS_TLS_KEY', 'REDIS_TLS_CERT'],
  ] as const)
    if (env[name] !== undefined && env[other] === undefined) report(other, `must be set, too: ${name} is`);
}

function usesTls(env: RedisEnv): boolean {
  return env.REDIS_TLS ?? env.REDIS_URL?.startsWith('rediss:') ?? false;
}

/** Redis, if the environment names one. */
export function redisSettings(env: RedisEnv): RedisSettings | undefined {
  const access: Access = {
    username: env.REDIS_USERNAME,
    password: env.REDIS_PASSWORD,
    prefix: env.REDIS_PREFIX,
    tls: usesTls(env)
      ? {
          ca: env.REDIS_TLS_CA,
          cert: env.REDIS_TLS_CERT,
          key: env.REDIS_TLS_KEY,
          servername: env.REDIS_TLS_SERVERNAME,
        }
      : undefined,
  };
  if (env.REDIS_SENTINELS)
    return {
      ...access,
      kind: 'sentinel',
      sentinels: env.REDIS_SENTINELS,
      master: env.REDIS_SENTINEL_MASTER ?? 'mymaster',
      sentinelUsername: env.REDIS_SENTINEL_USERNAME,
      sentinelPassword: env.REDIS_SENTINEL_PASSWORD,
    };
  if (env.REDIS_CLUSTER) return { ...access, kind: 'cluster', nodes: env.REDIS_CLUSTER };
  if (env.REDIS_HOST) return { ...access, kind: 'server', host: env.REDIS_HOST, port: env.REDIS_PORT };
  if (!env.REDIS_URL) return undefined;
  const url = new URL(env.REDIS_URL);
  return {
    ...access,
    kind: 'server',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    db: Number(url.pathname.slice(1)),
  };
}

/** The addresses, without credentials. */
export function describeRedis(redis: RedisSettings): string {
  const list = (nodes: readonly RedisNode[]) =>
    nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(', ');
  switch (redis.kind) {
    case 'server':
      return list([redis]);
    case 'sentinel':
      return `${list(redis.sentinels)} (sentinels of ${redis.master})`;
    case 'cluster':
      return `${list(redis.nodes)} (cluster)`;
  }
}
