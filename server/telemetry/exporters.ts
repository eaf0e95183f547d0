import type { ExportResult } from '@opentelemetry/core';
import { ExportResultCode } from '@opentelemetry/core';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { OtlpTarget } from '#server/config/telemetry-settings.ts';
import { errorMessage } from '#server/lib/errors.ts';
import type { Logger } from '#server/lib/logger.ts';

export async function openTraceExporter(target: OtlpTarget, logger: Logger): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await (target.protocol === 'http/json'
    ? import('@opentelemetry/exporter-trace-otlp-http')
    : import('@opentelemetry/exporter-trace-otlp-proto'));
  return reportFailures<SpanExporter>(new OTLPTraceExporter({ url: target.url }), 'traces', target, logger);
}

export async function openMetricExporter(target: OtlpTarget, logger: Logger): Promise<PushMetricExporter> {
  const { OTLPMetricExporter } = await (target.protocol === 'http/json'
    ? import('@opentelemetry/exporter-metrics-otlp-http')
    : import('@opentelemetry/exporter-metrics-otlp-proto'));
  return reportFailures<PushMetricExporter>(new OTLPMetricExporter({ url: target.url }), 'metrics', target, logger);
}

/** Logs when sending begins to fail, and when it works again. The exporter itself tries again for some seconds. */
function reportFailures<T extends SpanExporter | PushMetricExporter>(
  exporter: T,
  what: string,
  { url }: OtlpTarget,
  logger: Logger,
): T {
  let isFailing = false;
  const address = withoutSecrets(url);
  const send = exporter.export.bind(exporter) as (items: unknown, onResult: (result: ExportResult) => void) => void;
  exporter.export = (items: unknown, onResult: (result: ExportResult) => void) =>
    send(items, (result) => {
      const hasFailed = result.code !== ExportResultCode.SUCCESS;
      if (hasFailed && !isFailing)
        logger.warn(
          { reason: result.error && errorMessage(result.error) },
          `OpenTelemetry: ${what} cannot be sent to ${address}; those of this time are lost, and nothing else. Start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT.`,
        );
      if (!hasFailed && isFailing) logger.info({}, `OpenTelemetry: ${what} are sent to ${address} again`);
      isFailing = hasFailed;
      onResult(result);
    });
  return exporter;
}

function withoutSecrets(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}
