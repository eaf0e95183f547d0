import { expect, test } from 'vitest';
import { telemetrySettings } from './telemetry-settings.ts';

const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318/';

test('telemetry is off without an address, and on with one, as the names of OpenTelemetry say', () => {
  expect(telemetrySettings({})).toEqual({ settings: undefined, faults: [] });
  expect(telemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }).settings).toBeUndefined();
  expect(telemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT })).toEqual({
    settings: {
      serviceName: undefined,
      traces: {
        url: 'http://collector:4318/v1/traces',
        protocol: 'http/protobuf',
        everyMs: 5_000,
        sampler: { ratio: 1, parentBased: true },
      },
      metrics: { url: 'http://collector:4318/v1/metrics', protocol: 'http/protobuf', everyMs: 60_000 },
    },
    faults: [],
  });
  const { settings, faults } = telemetrySettings({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
    OTEL_SERVICE_NAME: 'staging',
  });
  expect(faults).toEqual([]);
  expect(settings).toEqual({
    serviceName: 'staging',
    traces: {
      url: 'https://traces.example/in',
      protocol: 'http/json',
      everyMs: 5_000,
      sampler: { ratio: 0.01, parentBased: true },
    },
    metrics: undefined,
  });
});

test('a setting that makes no sense is named and left out', () => {
  const faultsOf = (env: Parameters<typeof telemetrySettings>[0]) => {
    const { settings, faults } = telemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT, ...env });
    return [settings?.traces?.sampler, ...faults];
  };
  const all = { ratio: 1, parentBased: true };
  expect(faultsOf({ OTEL_TRACES_SAMPLER: 'sometimes' })).toEqual([
    all,
    expect.stringMatching(/sometimes must be one of always_on, /),
  ]);
  expect(faultsOf({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' })).toEqual([
    all,
    expect.stringMatching(/ARG is not set/),
  ]);
  expect(faultsOf({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '10' })).toEqual([
    all,
    expect.stringMatching(/ARG=10 must be a number from 0 to 1/),
  ]);
  expect(faultsOf({ OTEL_TRACES_SAMPLER_ARG: '0.1' })).toEqual([all, expect.stringMatching(/ARG is of no use/)]);
  expect(faultsOf({ OTEL_METRIC_EXPORT_INTERVAL: '1s' })).toEqual([
    all,
    expect.stringMatching(/1s must be .* 60000 is used/),
  ]);
  expect(faultsOf({ OTEL_TRACES_EXPORTER: 'zipkin' })).toEqual([
    undefined,
    expect.stringMatching(/zipkin: traces are not sent/),
  ]);
  expect(faultsOf({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual([
    undefined,
    expect.stringMatching(/grpc: traces are not sent; .* 4318/),
    expect.stringMatching(/grpc: metrics are not sent/),
  ]);
  expect(faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).toEqual([
    undefined,
    expect.stringMatching(/ENDPOINT must be an http.*: traces are not sent/),
    expect.stringMatching(/: metrics are not sent/),
  ]);
  expect(faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: undefined, OTEL_TRACES_SAMPLER: 'always_on' })).toEqual([
    undefined,
    expect.stringMatching(/of no use without OTEL_EXPORTER_OTLP_ENDPOINT/),
  ]);
});
