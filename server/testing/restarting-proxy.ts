import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RestartingProxy extends Disposable {
  url: string;
  /** Cuts what is open, and answers 502 to the next `times` requests. */
  restart(times: number): void;
  /** Requests that get 502 still. */
  refusals(): number;
  /** Passes on the next request, and cuts its connection instead of its answer. */
  loseNextAnswer(): void;
  /** Never answers the next request. */
  hangNext(): void;
  /** Cuts the connection of the next `PUT` in the middle of its body. */
  cutNextUpload(): void;
  /** Method and path of every request so far, without its input. */
  requests: string[];
}

/** A proxy in front of a server that fails as the test says. */
export async function startRestartingProxy(target: string): Promise<RestartingProxy> {
  let refusals = 0;
  let losesNext = false;
  let cutsNext = false;
  let hangsNext = false;
  const requests: string[] = [];
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${new URL(req.url!, target).pathname}`);
    if (refusals > 0) {
      refusals -= 1;
      return res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>');
    }
    if (cutsNext && req.method === 'PUT') {
      cutsNext = false;
      return req.once('data', () => req.destroy());
    }
    if (hangsNext) {
      hangsNext = false;
      return req.resume();
    }
    const loses = losesNext;
    losesNext = false;
    const passed = request(target + req.url!, { method: req.method, headers: req.headers }, (answer) => {
      if (loses) return res.destroy();
      res.writeHead(answer.statusCode!, answer.headers);
      // Swift sends a body after the headers, which Node takes for a broken answer.
      if (req.method === 'HEAD') res.end();
      else answer.pipe(res);
    });
    passed.on('error', () => {
      if (!res.writableEnded) res.destroy();
    });
    res.on('close', () => passed.destroy());
    return req.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    restart(times: number) {
      refusals = times;
      server.closeAllConnections();
    },
    refusals: () => refusals,
    loseNextAnswer: () => (losesNext = true),
    hangNext: () => (hangsNext = true),
    cutNextUpload: () => (cutsNext = true),
    requests,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
