import { mkdtemp, rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { eventually } from '#server/testing/eventually.ts';
import { createPostgresBus } from './postgres-bus.ts';

const logger = { warn: () => {}, info: () => {} };

/** Patient, since the machine may be busy. */

describe('the Postgres bus', () => {
  let dataDir: string;
  let server: EmbeddedPostgres;
  let pool: pg.Pool;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'runlight-bus-'));
    server = await startEmbeddedPostgres({ dataDir, logger });
    pool = new pg.Pool(server.connection);
  });
  afterAll(async () => {
    await pool?.end();
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('delivers notifications of any program, with a body or without', async () => {
    await using bus = await createPostgresBus({ pool, connection: server.connection, logger });
    const messages: unknown[] = [];
    await bus.subscribe('test:1:status', (message) => messages.push(message));
    await pool.query(`notify "test:1:status", '{"status":"passed"}'`);
    await pool.query(`notify "test:1:status"`);
    await pool.query(`notify "test:1:status", E'\\x01nonsense\\nbody'`);
    await eventually(() => expect(messages).toHaveLength(3));
    expect(messages).toEqual(['{"status":"passed"}', undefined, '\u0001nonsense\nbody']);
  });

  test('publishing fails in time while the pool has no free connection, and works again later', async () => {
    await using bus = await createPostgresBus({ pool, connection: server.connection, logger });
    const small = new pg.Pool({ ...server.connection, max: 1 });
    await using publisher = await createPostgresBus({
      pool: small,
      connection: server.connection,
      logger,
      timeoutMs: 2_000,
    });
    const messages: unknown[] = [];
    await bus.subscribe('a', (message) => messages.push(message));
    const taken = await small.connect();
    const first = publisher.publish([{ channel: 'a', message: '1' }]);
    const second = vi.fn();
    publisher.publish([{ channel: 'a', message: '2' }]).catch(second);
    await expect(first).rejects.toThrow('2000 ms');
    // It waited behind the first, and does not wait as long again.
    await nextTurn();
    expect(second).toHaveBeenCalledOnce();
    taken.release();
    await publisher.publish([{ channel: 'a', message: '3' }]);
    await eventually(() => expect(messages.at(-1)).toBe('3'));
    await small.end();
  });

  test('a channel without a name fails only the call that names it', async () => {
    await using bus = await createPostgresBus({ pool, connection: server.connection, logger });
    const messages: unknown[] = [];
    await bus.subscribe('a', (message) => messages.push(message));
    const wrong = bus.publish([{ channel: '', message: '1' }]);
    await Promise.all([expect(wrong).rejects.toThrow('name'), bus.publish([{ channel: 'a', message: '2' }])]);
    await eventually(() => expect(messages).toEqual(['2']));
  });

  test('a text that PostgreSQL cannot store is delivered as undefined, and other messages are delivered', async () => {
    await using bus = await createPostgresBus({ pool, connection: server.connection, logger });
    const messages: unknown[] = [];
    await bus.subscribe('a', (message) => messages.push(message));
    await bus.publish(['1', 'a\0b', '3'].map((message) => ({ channel: 'a', message })));
    await eventually(() => expect(messages).toEqual(['1', undefined, '3']));
  });

  test('an error says that the database does not exist', async () => {
    const connection = { ...server.connection, database: 'nowhere' };
    const bus = createPostgresBus({ pool, connection, logger, timeoutMs: 2_000 });
    await expect(bus).rejects.toThrow(/PostgreSQL at .* cannot be reached: database "nowhere" does not exist\. Start/);
  });
});
