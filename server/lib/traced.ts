import {
  type Context,
  context,
  createContextKey,
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { errorMessage } from './errors.ts';

// What modules need of OpenTelemetry. Without telemetry, all of it does nothing: see `server/telemetry`.

/** What a message carries of a trace, in the form of W3C Trace Context. Empty without telemetry. */
export interface TraceCarrier {
  traceparent?: string;
}

export const tracer = () => trace.getTracer('runlight');

/** Runs `work` in a span, which ends with it and has its error. `parent`: default, the span around it. */
export function traced<T>(
  name: string,
  work: (span: Span) => Promise<T>,
  options: SpanOptions = {},
  parent: Context = context.active(),
): Promise<T> {
  return tracer().startActiveSpan(name, options, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** For a message to another process, which goes on with `resumeTrace`. */
export function carryTrace(): TraceCarrier {
  const carrier: TraceCarrier = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** The trace of a message. */
export const resumeTrace = (carrier: object): Context => propagation.extract(ROOT_CONTEXT, carrier);

/** A root span that is started in a context with this value has it as its trace id: 32 hexadecimal digits. */
export const traceIdKey = createContextKey('runlight.trace-id');

/** Resolves when all spans that have ended are sent. Rejects when they cannot be. */
export async function flushTraces(): Promise<void> {
  const provider = trace.getTracerProvider();
  const sdk = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
  await (sdk as { forceFlush?(): Promise<void> }).forceFlush?.();
}

/** For each line of a log: the trace that it belongs to, as OpenTelemetry names its fields. */
export function traceOfLine(): object {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !trace.isSpanContextValid(span)) return {};
  return { trace_id: span.traceId, span_id: span.spanId, trace_flags: `0${span.traceFlags}` };
}
