import { createServer } from 'node:http';
import { type Channel, createChannel, createSession } from 'better-sse';
import { Redis } from 'ioredis';
import { firstEvent, listen, runIdOf, type ServerSettings } from './serving.ts';

/** better-sse as its documentation uses it: a channel per run, fed by one Redis connection. */
export async function serveBetterSse({ redisPort, pingIntervalMs }: ServerSettings): Promise<number> {
  const channels = new Map<string, Channel>();
  const subscriber = new Redis(redisPort, '127.0.0.1', { maxRetriesPerRequest: null });
  subscriber.on('message', (name, message) => void channels.get(name)?.broadcast(JSON.parse(message)));

  return await listen(
    createServer(async (req, res) => {
      const name = `job:${runIdOf(req)}:status`;
      let channel = channels.get(name);
      if (!channel) {
        channels.set(name, (channel = createChannel()));
        await subscriber.subscribe(name);
      }
      const session = await createSession(req, res, { keepAlive: pingIntervalMs });
      session.push(firstEvent);
      channel.register(session);
    }),
  );
}
