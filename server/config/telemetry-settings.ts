import { z } from 'zod';

const text = z.string().optional();

/**
 * The part of the environment that is about OpenTelemetry, in its own names. No fault in it stops a start: see
 * `telemetrySettings`. OpenTelemetry's SDK reads the rest itself, such as `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_BSP_*`.
 */
export const telemetryFields = {
  OTEL_SDK_DISABLED: text,
  OTEL_SERVICE_NAME: text,
  OTEL_EXPORTER_OTLP_ENDPOINT: text,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: text,
  OTEL_EXPORTER_OTLP_PROTOCOL: text,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: text,
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: text,
  OTEL_TRACES_EXPORTER: text,
  OTEL_METRICS_EXPORTER: text,
  OTEL_TRACES_SAMPLER: text,
  OTEL_TRACES_SAMPLER_ARG: text,
  OTEL_METRIC_EXPORT_INTERVAL: text,
  OTEL_BSP_SCHEDULE_DELAY: text,
};

type TelemetryEnv = { [name in keyof typeof telemetryFields]?: string | undefined };

export const otlpProtocols = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof otlpProtocols)[number];

/** Where one kind of signal is sent. */
export interface OtlpTarget {
  url: string;
  protocol: OtlpProtocol;
  /** How often, in ms. */
  everyMs: number;
}

export interface SamplerSettings {
  /** Of the traces that begin here, from 0 to 1. */
  ratio: number;
  /** A trace that began elsewhere is sampled if it was there. */
  parentBased: boolean;
}

/** At least one of the two is sent. */
export interface TelemetrySettings {
  serviceName: string | undefined;
  traces: (OtlpTarget & { sampler: SamplerSettings }) | undefined;
  metrics: OtlpTarget | undefined;
}

/**
 * What is sent by OpenTelemetry; undefined without an address. `faults` are sentences for the log: a setting that makes no
 * sense is left out, since a fault in what only watches Runlight must not stop it.
 */
export function telemetrySettings(env: TelemetryEnv): { settings: TelemetrySettings | undefined; faults: string[] } {
  const faults: string[] = [];
  const off = { settings: undefined, faults };
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return off;
  const traces = readTarget(env, 'TRACES', faults);
  const metrics = readTarget(env, 'METRICS', faults);
  if (!traces && !metrics) {
    if (faults.length === 0 && env.OTEL_TRACES_SAMPLER !== undefined)
      faults.push('OTEL_TRACES_SAMPLER is of no use without OTEL_EXPORTER_OTLP_ENDPOINT, the address of a collector.');
    return off;
  }
  const sampler = traces && readSampler(env, faults);
  return {
    settings: { serviceName: env.OTEL_SERVICE_NAME, traces: traces && { ...traces, sampler: sampler! }, metrics },
    faults,
  };
}

const signals = {
  TRACES: { path: 'v1/traces', interval: 'OTEL_BSP_SCHEDULE_DELAY', everyMs: 5_000 },
  METRICS: { path: 'v1/metrics', interval: 'OTEL_METRIC_EXPORT_INTERVAL', everyMs: 60_000 },
} as const;

function readTarget(env: TelemetryEnv, signal: keyof typeof signals, faults: string[]): OtlpTarget | undefined {
  const { path, interval, everyMs } = signals[signal];
  const exporterName = `OTEL_${signal}_EXPORTER` as const;
  const exporter = env[exporterName] ?? 'otlp';
  const [ownName, commonName] = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;
  const endpoint = env[ownName] ?? env[commonName];
  if (exporter === 'none' || endpoint === undefined) return undefined;
  const isSent = `${signal.toLowerCase()} are not sent`;
  if (exporter !== 'otlp') {
    faults.push(`${exporterName}=${exporter}: ${isSent}; Runlight has "otlp" and "none".`);
    return undefined;
  }
  const url = env[ownName] ?? `${endpoint.replace(/\/$/, '')}/${path}`;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    const name = env[ownName] === undefined ? commonName : ownName;
    faults.push(`${name} must be an http:// or https:// address such as http://collector:4318: ${isSent}.`);
    return undefined;
  }
  const protocol = readProtocol(env, signal, faults);
  return protocol && { url, protocol, everyMs: readInterval(env, interval, everyMs, faults) };
}

function readProtocol(env: TelemetryEnv, signal: keyof typeof signals, faults: string[]): OtlpProtocol | undefined {
  const [ownName, commonName] = [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const;
  const given = env[ownName] ?? env[commonName] ?? 'http/protobuf';
  const protocol = otlpProtocols.find((known) => known === given);
  if (!protocol) {
    const name = env[ownName] === undefined ? commonName : ownName;
    const known = otlpProtocols.join(' and ');
    faults.push(
      `${name}=${given}: ${signal.toLowerCase()} are not sent; Runlight speaks ${known}, usually at port 4318.`,
    );
  }
  return protocol;
}

function readInterval(
  env: TelemetryEnv,
  name: 'OTEL_BSP_SCHEDULE_DELAY' | 'OTEL_METRIC_EXPORT_INTERVAL',
  fallback: number,
  faults: string[],
): number {
  const given = env[name];
  if (given === undefined) return fallback;
  const ms = Number(given);
  if (Number.isInteger(ms) && ms > 0 && ms <= 86_400_000) return ms;
  faults.push(`${name}=${given} must be a whole number of milliseconds: ${fallback} is used.`);
  return fallback;
}

const samplers: Record<string, Omit<SamplerSettings, 'ratio'> & { ratio: number | 'argument' }> = {
  always_on: { ratio: 1, parentBased: false },
  always_off: { ratio: 0, parentBased: false },
  traceidratio: { ratio: 'argument', parentBased: false },
  parentbased_always_on: { ratio: 1, parentBased: true },
  parentbased_always_off: { ratio: 0, parentBased: true },
  parentbased_traceidratio: { ratio: 'argument', parentBased: true },
};

function readSampler(env: TelemetryEnv, faults: string[]): SamplerSettings {
  const fallback = { ratio: 1, parentBased: true };
  const name = env.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on';
  const sampler = samplers[name];
  if (!sampler) {
    faults.push(`OTEL_TRACES_SAMPLER=${name} must be one of ${Object.keys(samplers).join(', ')}: all traces are sent.`);
    return fallback;
  }
  const { ratio, parentBased } = sampler;
  const argument = env.OTEL_TRACES_SAMPLER_ARG;
  if (ratio !== 'argument') {
    if (argument !== undefined)
      faults.push(`OTEL_TRACES_SAMPLER_ARG is of no use with OTEL_TRACES_SAMPLER=${name}: it needs one with a ratio.`);
    return { ratio, parentBased };
  }
  const given = Number(argument ?? Number.NaN);
  if (given >= 0 && given <= 1) return { ratio: given, parentBased };
  faults.push(
    `OTEL_TRACES_SAMPLER_ARG${argument === undefined ? ' is not set and' : `=${argument}`} must be a number from 0 to 1, such as 0.01: all traces are sent.`,
  );
  return { ratio: 1, parentBased };
}
