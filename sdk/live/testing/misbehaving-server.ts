import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers one request; `after` is the id of the last event that the client has. */
export type Answer = (res: ServerResponse, after: number) => void;

export const badGateway: Answer = (res) =>
  res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
export const aPage: Answer = (res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Please log in</h1>');
export const noContent: Answer = (res) => res.writeHead(204).end();
export const breaks: Answer = (res) => res.destroy();
export const hangs: Answer = () => {};
export const beginsAndHangs: Answer = (res) =>
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();

const frame = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Answers as Runlight's server does: `connected`, then the next `count` events, then `last`. */
export const sends =
  (count: number, last: (res: ServerResponse) => void = () => {}, reconnectAfterInactivityMs?: number): Answer =>
  (res, after) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = Array.from({ length: count }, (_, index) => after + index + 1);
    const frames = events.map((id) => `data: ${JSON.stringify(`event ${id}`)}\nid: ${id}\n\n`);
    res.write(frame('connected', { reconnectAfterInactivityMs }) + frames.join(''), () => last(res));
  };
export const cut = (res: ServerResponse) => void res.destroy();
export const end = (res: ServerResponse) => void res.end();
export const complete = (res: ServerResponse) => void res.end(frame('return', ''));
export const fail = (code: number) => (res: ServerResponse) =>
  void res.end(frame('serialized-error', { message: 'no', code, data: { code: 'SOME_CODE' } }));

/** Gives one answer per request, in order, and hangs once there are no more. */
export async function misbehavingServer(...answers: Answer[]) {
  const requests: URL[] = [];
  let open = 0;
  const server = createServer((req, res) => {
    open += 1;
    res.on('close', () => (open -= 1));
    const url = new URL(req.url!, 'http://localhost');
    requests.push(url);
    const { lastEventId } = JSON.parse(url.searchParams.get('input') ?? '{}') as { lastEventId?: string };
    const after = req.headers['last-event-id'] ?? url.searchParams.get('lastEventId') ?? lastEventId ?? 0;
    (answers.shift() ?? hangs)(res, Number(after));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    /** Number of requests that are open. */
    open: () => open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What `sends` sends, up to this event. */
export const eventsUpTo = (count: number) => Array.from({ length: count }, (_, index) => `event ${index + 1}`);
