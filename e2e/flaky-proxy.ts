import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `pass`: a good proxy; `bad-gateway`: answers everything with 502; `no-streams`: only event streams. */
type Mode = 'pass' | 'bad-gateway' | 'no-streams';

export interface FlakyProxy extends AsyncDisposable {
  url: string;
  /** Changes the mode and cuts all open connections. */
  become(mode: Mode): void;
  /** Number of event streams that pass through it now. */
  openStreams(): number;
  /** Number of event streams that were answered with 502 so far. */
  refusedStreams(): number;
}

/** A reverse proxy of HTTP/1.1 in front of `target`, an origin. Disposing of it cuts its connections. */
export async function startFlakyProxy(target: string): Promise<FlakyProxy> {
  let mode: Mode = 'pass';
  let open = 0;
  let refused = 0;

  const server = createServer((req, res) => {
    const isStream = req.headers.accept === 'text/event-stream';
    if (mode === 'bad-gateway' || (mode === 'no-streams' && isStream)) {
      if (isStream) refused += 1;
      badGateway(res);
    } else {
      if (isStream) {
        open += 1;
        res.on('close', () => (open -= 1));
      }
      forward(req, res, target);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    become(newMode) {
      mode = newMode;
      server.closeAllConnections();
    },
    openStreams: () => open,
    refusedStreams: () => refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(req: IncomingMessage, res: ServerResponse, target: string) {
  const upstream = request(new URL(req.url ?? '/', target), { method: req.method, headers: req.headers, agent: false });
  upstream.on('response', (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    res.flushHeaders();
    answer.on('error', () => res.destroy());
    answer.pipe(res);
  });
  upstream.on('error', () => (res.headersSent ? res.destroy() : badGateway(res)));
  res.on('close', () => upstream.destroy());
  req.pipe(upstream);
}

function badGateway(res: ServerResponse) {
  res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>');
}
