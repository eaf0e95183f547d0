import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readEnv } from './env.ts';
import { describeRedis, redisSettings } from './redis-settings.ts';

const settings = (source: NodeJS.ProcessEnv) => redisSettings(readEnv(source));

test('an address is one server, with user, database and TLS', () => {
  expect(settings({})).toBeUndefined();
  expect(settings({ REDIS_URL: 'rediss://me:a%40b@[::1]:6380/2', REDIS_PREFIX: 'acme' })).toMatchObject({
    kind: 'server',
    host: '::1',
    port: 6380,
    username: 'me',
    password: 'a@b',
    db: 2,
    tls: {},
    prefix: 'acme',
  });
  expect(settings({ REDIS_HOST: 'x', REDIS_PASSWORD: 'y' })).toMatchObject({ host: 'x', port: 6379, tls: undefined });
});

test('sentinels and nodes of a cluster are lists with default ports', () => {
  const sentinels = settings({ REDIS_SENTINELS: 'a, b:7,[::1]:8', REDIS_SENTINEL_PASSWORD: 'x', REDIS_TLS: '1' })!;
  expect(sentinels).toMatchObject({
    kind: 'sentinel',
    sentinels: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 7 },
      { host: '::1', port: 8 },
    ],
    master: 'mymaster',
    sentinelPassword: 'x',
    tls: {},
  });
  expect(describeRedis(sentinels)).toBe('a:26379, b:7, [::1]:8 (sentinels of mymaster)');
  expect(settings({ REDIS_CLUSTER: 'a,b:7' })).toMatchObject({
    kind: 'cluster',
    nodes: [
      { host: 'a', port: 6379 },
      { host: 'b', port: 7 },
    ],
  });
});

test('settings that contradict each other, or that nothing uses, are all named with the way out, without secrets', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
  const file = path.join(dir, 'file.pem');
  const pem = '-----BEGIN CERTIFICATE-----';
  await writeFile(file, pem);
  const faults = (source: NodeJS.ProcessEnv) => {
    try {
      readEnv(source);
      return [];
    } catch (error) {
      return (error as Error).message.split('\n').slice(1);
    }
  };
  try {
    const url = { REDIS_URL: 'redis://x' };
    expect(
      faults({ ...url, REDIS_HOST: 'y', REDIS_PASSWORD: 'hidden', REDIS_CLUSTER: 'z', REDIS_TLS_CA: file }),
    ).toEqual([
      '  REDIS_HOST=y: is part of REDIS_URL, which is set, too: set one of them',
      '  REDIS_PASSWORD: is part of REDIS_URL, which is set, too: set one of them',
      '  REDIS_CLUSTER=z: names another Redis than REDIS_URL, which is set, too: set one of them',
      `  REDIS_TLS_CA=${file}: is of no use without TLS: write rediss://`,
    ]);
    expect(faults({ REDIS_HOST: 'x', REDIS_SENTINEL_MASTER: 'm', REDIS_USERNAME: 'u', REDIS_TLS_KEY: file })).toEqual([
      `  REDIS_TLS_KEY=${file}: is of no use without TLS: set REDIS_TLS=1`,
      '  REDIS_SENTINEL_MASTER=m: is of no use without REDIS_SENTINELS',
      '  REDIS_PASSWORD: must be set, too: REDIS_USERNAME is',
      '  REDIS_TLS_CERT=: must be set, too: REDIS_TLS_KEY is',
    ]);
    expect(faults({ REDIS_PREFIX: 'a', REDIS_PASSWORD: 'hidden' })).toEqual([
      '  REDIS_PASSWORD: is of no use without one of REDIS_URL, REDIS_HOST, REDIS_SENTINELS, REDIS_CLUSTER',
      '  REDIS_PREFIX=a: is of no use without one of REDIS_URL, REDIS_HOST, REDIS_SENTINELS, REDIS_CLUSTER',
    ]);
    await writeFile(file, 'nothing');
    expect(
      faults({ REDIS_SENTINELS: 'a:b', REDIS_PREFIX: '{a}', REDIS_TLS_CA: file, REDIS_TLS_KEY: `${dir}/none` }),
    ).toEqual([
      '  REDIS_SENTINELS=a:b: must be host:port, or several of them, separated by commas',
      `  REDIS_TLS_CA=${file}: is not a PEM file: it has no line with BEGIN`,
      expect.stringMatching(/REDIS_TLS_KEY=.*none: cannot be read: ENOENT/),
      '  REDIS_PREFIX={a}: must have letters, digits and _.:- only',
    ]);
    await writeFile(file, pem);
    expect(
      settings({ REDIS_CLUSTER: 'a', REDIS_TLS: '1', REDIS_TLS_CA: file, REDIS_TLS_SERVERNAME: 'b' }),
    ).toMatchObject({
      tls: { ca: pem, servername: 'b' },
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
