import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resumeTrace, tracer } from '#server/lib/traced.ts';

type Handle = (req: IncomingMessage, res: ServerResponse) => void;

/** `handle`, with a span for each request of the API. The trace of a caller that has one goes on. */
export function traceRequests(handle: Handle): Handle {
  return (req, res) => {
    if (!req.url?.startsWith('/api/')) return handle(req, res);
    const parent = resumeTrace(req.headers);
    const { method = 'GET' } = req;
    const name = `${method} ${nameOf(req.url)}`;
    const attributes = { 'http.request.method': method };
    const span = tracer().startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    res.once('close', () => {
      span.setAttribute('http.response.status_code', res.statusCode);
      if (res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    context.with(trace.setSpan(parent, span), handle, undefined, req, res);
  };
}

const maxNameLength = 120;

/** The procedures of tRPC, and the first part of other paths: what follows may be an id, or a secret. */
function nameOf(url: string): string {
  const [path = ''] = url.split('?', 1);
  const [, api, area, procedures] = path.split('/');
  return [api, area, ...(area === 'trpc' && procedures ? [procedures] : [])]
    .map((part) => `/${part}`)
    .join('')
    .slice(0, maxNameLength);
}
