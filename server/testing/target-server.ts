import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** How the server answers a request: a status, or whatever it does; nothing: it never answers. */
export type Answerer = (request: ReceivedRequest, res: ServerResponse) => number | void;

export interface TargetServer extends AsyncDisposable {
  url: string;
  port: number;
  /** Every request, in the order in which they came. */
  received: ReceivedRequest[];
  /** Sets the answer of all later requests. */
  answer(answerer: Answerer): void;
}

/** A server that gets notifications. By default it answers 204. */
export async function startTargetServer(host = '127.0.0.1'): Promise<TargetServer> {
  let answerer: Answerer = () => 204;
  const received: ReceivedRequest[] = [];
  const server = createServer((req: IncomingMessage, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      const headers = req.headers as Record<string, string>;
      const request = { method: req.method!, path: req.url!, headers, body };
      received.push(request);
      const status = answerer(request, res);
      if (status !== undefined) res.writeHead(status).end(status === 204 ? undefined : `answer ${status}`);
    });
  });
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    received,
    answer: (next) => void (answerer = next),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
