import { type Span, SpanKind, trace } from '@opentelemetry/api';
import type { Bus, BusListener, BusMessage } from '#server/bus/bus.ts';
import { carryTrace, resumeTrace, tracer } from '#server/lib/traced.ts';
import type { Logger } from '#server/lib/logger.ts';
import { createPublisher, type Publisher } from '#server/live/publisher.ts';

/** How the message of a sampled trace begins. Readers of a channel ignore keys that its schema does not have. */
const mark = '{"traceparent":"';
const traceparentLength = 55;

interface TracedMessage extends BusMessage {
  /** Ends when the bus has the message. */
  span?: Span;
}

/** As `createPublisher`. What is published in a span that is sampled carries its trace to the watchers. */
export function createTracedPublisher({ bus, logger }: { bus: Bus; logger: Logger }): Publisher {
  const endsSpans = {
    async publish(messages: readonly TracedMessage[]) {
      try {
        await bus.publish(messages);
      } finally {
        for (const { span } of messages) span?.end();
      }
    },
  };
  const publisher = createPublisher({ bus: endsSpans, logger });
  return {
    publish(messages) {
      if (messages.length === 0 || !trace.getActiveSpan()?.isRecording()) return publisher.publish(messages);
      tracer().startActiveSpan('publish', { kind: SpanKind.PRODUCER }, (span) => {
        span.setAttributes({ 'messaging.system': bus.kind, 'messaging.batch.message_count': messages.length });
        const { traceparent = '' } = carryTrace();
        const marked = messages.map(({ channel, message }): TracedMessage => ({
          channel,
          message: message.startsWith('{"') ? `${mark}${traceparent}",${message.slice(1)}` : message,
        }));
        marked.at(-1)!.span = span;
        publisher.publish(marked);
      });
    },
    flush: publisher.flush,
  };
}

/** A listener that records the delivery of messages of sampled traces to `watchers`, and costs one comparison for others. */
export function traceDelivery(
  listener: BusListener,
  { channel, watchers }: { channel: string; watchers: ReadonlySet<unknown> },
): BusListener {
  const name = `deliver ${channel.replace(/[\da-f]{8}-[\da-f-]{27}/g, '*')}`;
  return (message, from) => {
    if (!message?.startsWith(mark)) return listener(message, from);
    const traceparent = message.slice(mark.length, mark.length + traceparentLength);
    const attributes = { 'messaging.destination.name': channel, 'runlight.watchers': watchers.size };
    const span = tracer().startSpan(name, { kind: SpanKind.CONSUMER, attributes }, resumeTrace({ traceparent }));
    try {
      listener(message, from);
    } finally {
      span.end();
    }
  };
}
