import type { IncomingMessage, ServerResponse } from 'node:http';

/** Time for the body of a request, in ms. Node has one limit for all requests, and a large file takes longer. */
export const bodyTimeoutMs = 60_000;

/** Files of reported runs and bundles. They may take longer, as long as bytes keep arriving. */
export const isUpload = ({ method = '', url = '' }: Pick<IncomingMessage, 'method' | 'url'>) =>
  method === 'PUT' && /^\/api\/(reports|bundles)\//.test(url);

/** Refuses a request when its body does not arrive in time, and closes its connection. */
export function limitBodyTime(req: IncomingMessage, res: ServerResponse, withinMs = bodyTimeoutMs): void {
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (!hasBody || isUpload(req)) return;
  const timer = setTimeout(() => {
    if (req.complete) return;
    if (res.headersSent) return void req.destroy();
    res.writeHead(408, { 'content-type': 'application/json', connection: 'close' });
    const message = `The request took too long: headers 10 s, all of it ${withinMs / 1_000} s.`;
    res.end(JSON.stringify({ error: 'request timeout', message }), () => req.destroy());
  }, withinMs).unref();
  req.once('close', () => clearTimeout(timer));
}
