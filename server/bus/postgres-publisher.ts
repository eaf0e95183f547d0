import type pg from 'pg';
import type { BusMessage } from './bus.ts';
import { encodePayload } from './postgres-wire.ts';
import { within } from '#server/lib/within.ts';

interface Waiting {
  messages: readonly BusMessage[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Publishes with one statement at a time. Messages that arrive in the meantime share the next statement. So messages keep
 * their order although the pool has many connections, and NOTIFY's lock is taken rarely. A failure also rejects the
 * waiting messages, so none waits longer than `timeoutMs`.
 */
export function createPostgresPublisher(
  pool: pg.Pool,
  timeoutMs: number,
): (messages: readonly BusMessage[]) => Promise<void> {
  let waiting: Waiting[] = [];
  let busy = false;

  async function send(batch: readonly Waiting[]): Promise<void> {
    const encoded = batch.flatMap(({ messages }) => messages.map((it) => encodePayload(it.channel, it.message)));
    const query = {
      text: 'select pg_notify(name, payload) from unnest($1::text[], $2::text[]) as message(name, payload)',
      values: [encoded.map((it) => it.name), encoded.map((it) => it.payload)],
      // Returns the connection to the pool.
      query_timeout: timeoutMs,
    };
    await within(timeoutMs, pool.query(query), `PostgreSQL did not take a message within ${timeoutMs} ms`);
  }

  async function sendAll(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await send(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch.concat(waiting.splice(0))) reject(error);
      }
    }
    busy = false;
  }

  return (messages) =>
    new Promise((resolve, reject) => {
      if (messages.length === 0) return resolve();
      if (messages.some(({ channel }) => channel === '')) return reject(new Error('A channel must have a name'));
      waiting.push({ messages, resolve, reject });
      if (!busy) void sendAll();
    });
}
