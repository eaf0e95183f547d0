import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server with a stream of numbered events: sends all after the client's last one, then new ones until `finish`. */
export async function feed() {
  const open = new Map<ServerResponse, string>();
  let head = 0;
  let requests = 0;
  let isFinished = false;
  const finish = (res: ServerResponse) => void res.end('event: return\ndata: \n\n');
  const frame = (id: number) => `data: ${JSON.stringify(`event ${id}`)}\nid: ${id}\n\n`;
  const server = createServer((req, res) => {
    if (req.url === '/ping') return void res.end();
    requests += 1;
    const url = new URL(req.url!, 'http://localhost');
    const after = Number(url.searchParams.get('lastEventId') ?? 0);
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(`event: connected\ndata: {}\n\n`);
    for (let id = after + 1; id <= head; id += 1) res.write(frame(id));
    if (isFinished) return finish(res);
    open.set(res, url.searchParams.get('input')!);
    res.on('close', () => open.delete(res));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/feed?input=${encodeURIComponent('{"of":"runs"}')}`,
    add(count: number) {
      for (let i = 0; i < count; i += 1) {
        head += 1;
        for (const res of open.keys()) res.write(frame(head));
      }
    },
    finish() {
      isFinished = true;
      for (const res of open.keys()) finish(res);
    },
    cut() {
      for (const res of open.keys()) res.destroy();
    },
    /** Waits for one round trip. */
    ping: async () => void (await fetch(`${origin}/ping`)),
    head: () => head,
    open: () => open.size,
    inputs: () => [...open.values()],
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
