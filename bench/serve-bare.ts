import { createServer, type ServerResponse } from 'node:http';
import { Redis } from 'ioredis';
import { firstFrame, listen, runIdOf, type ServerSettings, sseHeaders } from './serving.ts';

/** The least that can be done with Node's HTTP server: one string per event, written to every client. */
export async function serveBare({ redisPort, pingIntervalMs }: ServerSettings): Promise<number> {
  const clients = new Map<string, Set<ServerResponse>>();
  const subscriber = new Redis(redisPort, '127.0.0.1', { maxRetriesPerRequest: null });
  let id = 0;
  subscriber.on('message', (channel, message) => {
    const frame = `data: ${message}\nid: ${++id}\n\n\n`;
    for (const response of clients.get(channel) ?? []) response.write(frame);
  });
  setInterval(() => {
    for (const responses of clients.values()) for (const response of responses) response.write(': ping\n\n');
  }, pingIntervalMs);

  return await listen(
    createServer(async (req, res) => {
      const channel = `job:${runIdOf(req)}:status`;
      let responses = clients.get(channel);
      if (!responses) {
        clients.set(channel, (responses = new Set()));
        await subscriber.subscribe(channel);
      }
      const all = responses;
      res.on('close', () => all.delete(res));
      res.writeHead(200, sseHeaders);
      res.write(firstFrame);
      all.add(res);
    }),
  );
}
