import { type HrTime, ValueType } from '@opentelemetry/api';
import { hrTime, timeInputToHrTime } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { MetricObjectWithValues, MetricValue, MetricValueWithName, Registry } from 'prom-client';

type Labels = MetricValue<string>['labels'];

interface Times {
  startTime: HrTime;
  endTime: HrTime;
}

/** The metrics of `/metrics`, as OpenTelemetry sends them: each is counted once, in its registry. */
export function registryProducer(registry: Registry, resource: Resource): MetricProducer {
  const startTime = timeInputToHrTime(new Date(Date.now() - process.uptime() * 1_000));
  return {
    async collect() {
      const errors: unknown[] = [];
      const metrics: MetricData[] = [];
      const times = { startTime, endTime: hrTime() };
      // One that cannot be read, such as a count in a database that is away, must not take the others along.
      for (const { name } of registry.getMetricsAsArray()) {
        try {
          const data = toMetricData(await registry.getSingleMetric(name)!.get(), times);
          if (data) metrics.push(data);
        } catch (error) {
          errors.push(error);
        }
      }
      return { resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'runlight' }, metrics }] }, errors };
    },
  };
}

function toMetricData(metric: MetricObjectWithValues<MetricValue<string>>, times: Times): MetricData | undefined {
  const common = {
    descriptor: { name: metric.name, description: metric.help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const point = ({ labels, value }: MetricValue<string>): DataPoint<number> => ({
    ...times,
    attributes: { ...labels },
    value,
  });
  // prom-client's types say that these are numbers, and they are strings.
  switch (metric.type as unknown as 'counter' | 'gauge' | 'histogram' | 'summary') {
    case 'counter':
      return {
        ...common,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: metric.values.map(point),
      };
    case 'gauge':
      return { ...common, dataPointType: DataPointType.GAUGE, dataPoints: metric.values.map(point) };
    case 'histogram':
      return {
        ...common,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: toHistograms(metric.values as MetricValueWithName<string>[], times),
      };
    case 'summary':
      return undefined;
  }
}

/** Prometheus counts in each bucket what is in those below, too, and gives each count as a value of its own. */
function toHistograms(values: readonly MetricValueWithName<string>[], times: Times): DataPoint<Histogram>[] {
  const series = new Map<
    string,
    { labels: Labels; bounds: [le: number, count: number][]; sum: number; count: number }
  >();
  for (const { labels, value, metricName } of values) {
    const { le, ...others } = labels as Labels & { le?: number | string };
    const key = JSON.stringify(others);
    let one = series.get(key);
    if (!one) series.set(key, (one = { labels: others, bounds: [], sum: 0, count: 0 }));
    if (metricName?.endsWith('_sum')) one.sum = value;
    else if (metricName?.endsWith('_count')) one.count = value;
    else if (le !== undefined && le !== '+Inf') one.bounds.push([Number(le), value]);
  }
  return [...series.values()].map(({ labels, bounds, sum, count }) => {
    const sorted = bounds.toSorted(([a], [b]) => a - b);
    const atMost = [...sorted.map(([, below]) => below), count];
    return {
      ...times,
      attributes: { ...labels },
      value: {
        buckets: {
          boundaries: sorted.map(([le]) => le),
          counts: atMost.map((below, index) => below - (atMost[index - 1] ?? 0)),
        },
        sum,
        count,
      },
    };
  });
}
