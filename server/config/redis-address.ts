import type { RedisOptions } from 'ioredis';

/** Address and credentials of a Redis server. */
export type RedisAddress = Pick<RedisOptions, 'host' | 'port' | 'username' | 'password' | 'db' | 'tls'>;
