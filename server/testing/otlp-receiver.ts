import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number; doubleValue?: number; boolValue?: boolean; arrayValue?: unknown };
}

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  links?: { traceId: string; spanId: string }[];
  status: { code: number; message?: string };
}

/** A span as a collector has it. Times are in ms since 1970. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  begin: number;
  end: number;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  /** 2: an error. */
  status: { code: number; message?: string };
}

/** One value of a metric; of a histogram, its counts. */
export interface ReceivedPoint {
  attributes: Record<string, unknown>;
  value: number | undefined;
  counts: { boundaries: number[]; buckets: number[]; sum: number; count: number } | undefined;
}

type OtlpMetric = {
  name: string;
  description: string;
} & Partial<Record<'sum' | 'gauge' | 'histogram', { dataPoints: OtlpPoint[]; isMonotonic?: boolean }>>;

interface OtlpPoint {
  attributes: Attribute[];
  asDouble?: number;
  explicitBounds?: number[];
  bucketCounts?: (number | string)[];
  sum?: number;
  count?: number | string;
}

export interface OtlpReceiver extends AsyncDisposable {
  url: string;
  /** `hang`: takes requests and never answers. */
  answers: 'ok' | 'error' | 'hang';
  /** All so far, of requests that were answered with `ok`. Those in protobuf are not read. */
  spans: ReceivedSpan[];
  /** The newest export, by the names of the metrics. */
  metrics: Map<string, { description: string; kind: string; points: ReceivedPoint[] }>;
  resource: Record<string, unknown>;
  /** Of every request, as it came. */
  requests: { path: string; contentType: string | undefined; body: Buffer }[];
  /** Cuts the connections of requests that hang. */
  cut(): void;
}

/** A collector: an HTTP server for what OpenTelemetry's exporters send. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const server = createServer((req, res) => void receive(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: 'ok',
    spans: [],
    metrics: new Map(),
    resource: {},
    requests: [],
    cut: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const sent = await buffer(req).catch(() => undefined);
    if (!sent) return;
    const body = req.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const contentType = req.headers['content-type'];
    receiver.requests.push({ path: req.url!, contentType, body });
    if (receiver.answers === 'hang') return;
    if (receiver.answers === 'error') return void res.writeHead(500).end();
    if (contentType === 'application/json') {
      const data = JSON.parse(body.toString()) as Parameters<typeof takeSpans>[1] & Parameters<typeof takeMetrics>[1];
      takeSpans(receiver, data);
      takeMetrics(receiver, data);
    }
    res.writeHead(200, { 'content-type': contentType }).end(contentType === 'application/json' ? '{}' : undefined);
  }
  return receiver;
}

interface OfResource {
  resource: { attributes: Attribute[] };
}

function takeSpans(
  receiver: OtlpReceiver,
  { resourceSpans = [] }: { resourceSpans?: (OfResource & { scopeSpans: { spans: OtlpSpan[] }[] })[] },
): void {
  for (const { resource, scopeSpans } of resourceSpans) {
    receiver.resource = readAttributes(resource.attributes);
    for (const span of scopeSpans.flatMap(({ spans }) => spans))
      receiver.spans.push({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        name: span.name,
        begin: Math.round(Number(span.startTimeUnixNano) / 1e6),
        end: Math.round(Number(span.endTimeUnixNano) / 1e6),
        attributes: readAttributes(span.attributes),
        links: span.links ?? [],
        status: span.status,
      });
  }
}

function takeMetrics(
  receiver: OtlpReceiver,
  { resourceMetrics = [] }: { resourceMetrics?: { scopeMetrics: { metrics: OtlpMetric[] }[] }[] },
): void {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  if (metrics.length === 0) return;
  receiver.metrics = new Map(
    metrics.map((metric) => {
      const kind = (['sum', 'gauge', 'histogram'] as const).find((it) => metric[it] !== undefined)!;
      const points = metric[kind]!.dataPoints.map((point) => ({
        attributes: readAttributes(point.attributes),
        value: point.asDouble,
        counts: point.bucketCounts && {
          boundaries: point.explicitBounds!,
          buckets: point.bucketCounts.map(Number),
          sum: point.sum!,
          count: Number(point.count),
        },
      }));
      return [metric.name, { description: metric.description, kind, points }];
    }),
  );
}

function readAttributes(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
