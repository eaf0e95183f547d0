import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { redisOf, startRedis, type TestRedis } from '#server/testing/redis.ts';
import { createRedisBus } from './redis-bus.ts';

const logger = { warn: () => {}, info: () => {} };

/** Patient, since the machine may be busy. */

describe('the Redis bus', () => {
  let redis: TestRedis;
  let admin: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
  });
  afterAll(async () => {
    admin?.disconnect();
    await redis?.[Symbol.asyncDispose]();
  });

  const allow = (...patterns: string[]) =>
    admin.acl('SETUSER', 'bus', 'on', '>secret', '+@all', 'resetchannels', ...patterns.map((pattern) => `&${pattern}`));
  const limited = (password = 'secret') => redisOf({ REDIS_URL: `redis://bus:${password}@127.0.0.1:${redis.port}` });
  const named = (REDIS_PREFIX: string) => redisOf({ ...redis.env, REDIS_PREFIX });

  test('a refused channel can be subscribed once it is allowed', async () => {
    await allow('other');
    await using bus = await createRedisBus({ redis: limited(), logger });
    await expect(bus.subscribe('granted', () => {})).rejects.toMatchObject({
      message: 'Redis refused the channel granted',
      cause: { message: expect.stringContaining('NOPERM') },
    });
    expect(bus.channelCount()).toBe(0);
    await allow('other', 'granted');
    const messages: unknown[] = [];
    await bus.subscribe('granted', (message) => messages.push(message));
    await bus.publish([{ channel: 'granted', message: '1' }]);
    await eventually(() => expect(messages).toEqual(['1']));
  });

  test('the bus stays down until every earlier channel is subscribed again', async () => {
    await allow('kept', 'taken');
    const warn = vi.fn();
    await using bus = await createRedisBus({ redis: limited(), logger: { ...logger, warn } });
    const messages: unknown[] = [];
    await bus.subscribe('kept', (message) => messages.push(message));
    await bus.subscribe('taken', (message) => messages.push(message));
    const events: string[] = [];
    bus.onState((event) => events.push(event));
    // Redis disconnects clients that have lost the permission for a channel.
    await allow('kept');
    await eventually(() => expect(events).toEqual(['down']));
    const attempts = async () => Number(/cmdstat_subscribe:.*rejected_calls=(\d+)/.exec(await admin.info('all'))?.[1]);
    const before = await attempts();
    await eventually(async () => expect(await attempts()).toBeGreaterThan(before + 3));
    expect(events).toEqual(['down']);
    expect(bus.state).toBe('down');
    await allow('kept', 'taken');
    await eventually(() => expect(events).toEqual(['down', 'reset']));
    await bus.publish(['kept', 'taken'].map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(messages).toEqual(['kept', 'taken']));
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('delivers only messages with its prefix, and channel names without it', async () => {
    await using one = await createRedisBus({ redis: named('one'), logger });
    await using two = await createRedisBus({ redis: named('two'), logger });
    const heard: string[] = [];
    await one.subscribe('a', (message, channel) => heard.push(`one ${channel} ${message}`));
    await two.subscribe('a', (message, channel) => heard.push(`two ${channel} ${message}`));
    await one.publish([{ channel: 'a', message: '1' }]);
    await admin.publish('two:a', '2');
    await eventually(() => expect(heard).toHaveLength(2));
    expect(heard).toEqual(['one a 1', 'two a 2']);
  });

  test('uses two connections for any number of channels', async () => {
    await using bus = await createRedisBus({ redis: redisOf(redis.env), logger });
    await Promise.all(Array.from({ length: 100 }, (_, index) => bus.subscribe(`c${index}`, () => {})));
    const names = String(await admin.client('LIST')).match(/name=runlight:\w+/g);
    expect(names?.sort()).toEqual(['name=runlight:publisher', 'name=runlight:subscriber']);
  });

  test('a lost connection for publishing is replaced too', async () => {
    await using bus = await createRedisBus({ redis: redisOf(redis.env), logger });
    const messages: unknown[] = [];
    await bus.subscribe('a', (message) => messages.push(message));
    const events: string[] = [];
    bus.onState((event) => events.push(event));
    const publisher = /id=(\d+) .*name=runlight:publisher/.exec(String(await admin.client('LIST')))?.[1] ?? '';
    await admin.call('CLIENT', 'KILL', 'ID', publisher);
    await eventually(() => expect(events).toEqual(['down', 'reset']));
    await bus.publish([{ channel: 'a', message: '1' }]);
    await eventually(() => expect(messages).toEqual(['1']));
  });

  test('leaves no connection open when the server accepts it but never answers', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    const before = sockets();
    process.kill(redis.pid, 'SIGSTOP');
    try {
      const bus = createRedisBus({ redis: redisOf(redis.env), logger, timeoutMs: 300 });
      await expect(bus).rejects.toThrow('cannot be reached: no answer within 300 ms. Start');
      await eventually(() => expect(sockets()).toBe(before));
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
  });

  test('an error says that the password is wrong without revealing it, and no connection stays open', async () => {
    const bus = createRedisBus({ redis: limited('wrong-secret'), logger, timeoutMs: 2_000 });
    const error = await bus.catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toContain(`Redis at 127.0.0.1:${redis.port} cannot be reached: WRONGPASS`);
    expect(message).toContain('REDIS_PASSWORD');
    expect(message).not.toContain('wrong-secret');
    await eventually(async () =>
      expect(
        String(await admin.client('LIST'))
          .trim()
          .split('\n'),
      ).toHaveLength(1),
    );
  });
});
