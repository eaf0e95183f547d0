import type { RedisCluster, RedisServer } from '#server/config/redis-settings.ts';
import { within } from '#server/lib/within.ts';
import { createClient } from './create-client.ts';

/** What `CLUSTER SLOTS` says of a range of slots: the first, the last, and the nodes that have them, of which the first is the master. */
type Slots = [first: number, last: number, master: [host: string | null, port: number, ...unknown[]]];

/**
 * The node that has a key, as the first node says that answers. Rejects with the error of a node when none answers within
 * `timeoutMs`, and when the signal aborts.
 */
export async function findMaster(
  { nodes, ...access }: RedisCluster,
  key: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<RedisServer> {
  const clients = nodes.map((node) => {
    const options = {
      lazyConnect: true,
      retryStrategy: null,
      connectTimeout: timeoutMs,
      enableReadyCheck: false,
      connectionName: 'runlight-slots',
    };
    return { node, client: createClient({ ...access, ...node, kind: 'server' }, options) };
  });
  const close = () => {
    for (const { client } of clients) {
      client.disconnect();
      client.stream?.destroy();
    }
  };
  signal.addEventListener('abort', close);
  try {
    const answers = clients.map(async ({ node, client }): Promise<RedisServer> => {
      let cause: Error | undefined;
      client.on('error', (error: Error) => (cause ??= error));
      await client.connect().catch((error: unknown) => {
        throw cause ?? error;
      });
      const [slot, ranges] = await Promise.all([
        client.cluster('KEYSLOT', key),
        client.cluster('SLOTS') as Promise<unknown> as Promise<Slots[]>,
      ]);
      const range = ranges.find(([first, last]) => first <= slot && slot <= last);
      if (!range) throw new Error(`no node of the cluster has slot ${slot}`);
      const [host, port] = range[2];
      // A node that does not know its own address.
      return { ...access, kind: 'server', host: host || node.host, port };
    });
    return await within(timeoutMs, Promise.any(answers), `no answer within ${timeoutMs} ms`);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
