import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { firstEvent, listen, type ServerSettings } from './serving.ts';

/** socket.io as its documentation uses it: a room per run, the Redis adapter, WebSocket only. */
export async function serveSocketIo({ redisPort, pingIntervalMs }: ServerSettings): Promise<number> {
  const connect = () => new Redis(redisPort, '127.0.0.1', { maxRetriesPerRequest: null });
  const subscribed = new Set<string>();
  const server = createServer();
  const io = new Server(server, {
    adapter: createAdapter(connect(), connect()),
    transports: ['websocket'],
    pingInterval: pingIntervalMs,
    pingTimeout: 600_000,
    serveClient: false,
  });
  const subscriber = connect();
  subscriber.on('message', (name, message) => io.to(name).emit('status', JSON.parse(message)));
  io.on('connection', async (socket) => {
    const name = `job:${String(socket.handshake.query.run)}:status`;
    if (!subscribed.has(name)) {
      subscribed.add(name);
      await subscriber.subscribe(name);
    }
    await socket.join(name);
    socket.emit('status', firstEvent);
  });
  return await listen(server);
}
