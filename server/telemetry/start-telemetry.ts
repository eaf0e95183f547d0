import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { context, diag, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { Registry } from 'prom-client';
import type { OtlpTarget, SamplerSettings, TelemetrySettings } from '#server/config/telemetry-settings.ts';
import type { CloseStack } from '#server/lib/close-stack.ts';
import { errorMessage } from '#server/lib/errors.ts';
import type { Logger } from '#server/lib/logger.ts';
import { traceIdKey } from '#server/lib/traced.ts';
import { within } from '#server/lib/within.ts';
import { openMetricExporter, openTraceExporter } from './exporters.ts';
import { registryProducer } from './registry-producer.ts';

/** Time that closing waits until unsent spans and metrics are sent, in ms. */
const flushWithinMs = 3_000;

/** Longest time for an export in all, in ms. */
const exportTimeoutMs = 10_000;

export interface Telemetry {
  /** Sends the metrics of a registry at every interval, until `stack` closes. */
  sendMetrics(registry: Registry, stack: CloseStack): Promise<void>;
}

/**
 * Makes OpenTelemetry's API send its traces and metrics. There is one API in a process. `stack` sends the rest when it closes. Does
 * not contact the collector, so a collector that is away does not delay the start.
 */
export async function startTelemetry(
  { serviceName, traces, metrics }: TelemetrySettings,
  { logger, version, stack }: { logger: Logger; version: string; stack: CloseStack },
): Promise<Telemetry> {
  const resource = describeProcess(serviceName, version);
  stack.defer(() => {
    for (const part of [trace, context, propagation, diag]) part.disable();
  });
  if (traces) {
    const provider = new NodeTracerProvider({
      resource,
      sampler: samplerOf(traces.sampler),
      idGenerator: new IdGenerator(),
      spanProcessors: [
        new BatchSpanProcessor(await openTraceExporter(traces, logger), {
          scheduledDelayMillis: traces.everyMs,
          exportTimeoutMillis: exportTimeoutMs,
        }),
      ],
    });
    provider.register({ propagator: new W3CTraceContextPropagator() });
    stack.defer(() => flush('traces', provider.shutdown(), logger));
  }
  return {
    async sendMetrics(registry, closing) {
      if (metrics) closing.defer(await sendMetrics(registry, { target: metrics, resource, logger }));
    },
  };
}

/** Resolves to a function that stops the sending. */
async function sendMetrics(
  registry: Registry,
  { target, resource, logger }: { target: OtlpTarget; resource: Resource; logger: Logger },
): Promise<() => Promise<void>> {
  const reader = new PeriodicExportingMetricReader({
    exporter: await openMetricExporter(target, logger),
    exportIntervalMillis: target.everyMs,
    exportTimeoutMillis: Math.min(exportTimeoutMs, target.everyMs),
    metricProducers: [registryProducer(registry, resource)],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return () => flush('metrics', provider.shutdown(), logger);
}

async function flush(what: string, sending: Promise<void>, logger: Logger): Promise<void> {
  const tooLong = `the collector did not answer within ${flushWithinMs} ms`;
  await within(flushWithinMs, sending, tooLong).catch((error: unknown) =>
    logger.warn({ reason: errorMessage(error) }, `OpenTelemetry: the last ${what} are lost`),
  );
}

/** The names of the process, and `OTEL_RESOURCE_ATTRIBUTES`. */
function describeProcess(serviceName: string | undefined, version: string): Resource {
  return defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': 'runlight',
        'service.version': version,
        'service.instance.id': randomUUID(),
        'host.name': os.hostname(),
        'process.pid': process.pid,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(serviceName === undefined ? {} : { 'service.name': serviceName }));
}

function samplerOf({ ratio, parentBased }: SamplerSettings): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  return parentBased ? new ParentBasedSampler({ root }) : root;
}

/** Generates random ids, except for a trace with an id in its context. */
class IdGenerator extends RandomIdGenerator {
  constructor() {
    super();
    const { generateTraceId } = this;
    this.generateTraceId = () => (context.active().getValue(traceIdKey) as string | undefined) ?? generateTraceId();
  }
}
