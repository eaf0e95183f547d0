import { AggregatorRegistry, type Registry } from 'prom-client';
import type { MetricsPage } from '#server/http/metrics.ts';
import { within } from '#server/lib/within.ts';
import type { MetricValues, ToProcess, ToPrimary } from './messages.ts';

/** A process that gives no metrics within this time is left out, in ms. Longer than a gauge has to be read. */
const giveWithinMs = 4_000;

/** In a process: `/metrics` of all processes of its primary process, of which this one is asked. */
export function metricsOfAll(registry: Registry, tell: (message: ToPrimary) => void): MetricsPage {
  const asked = new Map<number, (text: string) => void>();
  let lastId = 0;
  process.on('message', async (message: ToProcess) => {
    if (message.type === 'allMetrics') asked.get(message.id)?.(message.text);
    if (message.type !== 'giveMetrics') return;
    const metrics = (await registry.getMetricsAsJSON()) as unknown as MetricValues[];
    tell({ type: 'metrics', round: message.round, metrics });
  });
  return {
    contentType: registry.contentType,
    async metrics() {
      const id = ++lastId;
      const answer = new Promise<string>((resolve) => asked.set(id, resolve));
      tell({ type: 'askMetrics', id });
      return answer.finally(() => asked.delete(id));
    },
  };
}

/** A process, as the primary process asks it. */
export interface AskedProcess {
  name: string;
  tell(message: ToProcess): void;
}

/** In the primary process: gathers the metrics of processes. */
export function createMetricsGatherer() {
  const rounds = new Map<number, (process: AskedProcess, metrics: MetricValues[]) => void>();
  let lastRound = 0;
  return {
    /** Metrics of all, in Prometheus' text format. Each series has the label `process`; processes that do not answer have none. */
    async gather(processes: readonly AskedProcess[]): Promise<string> {
      const round = ++lastRound;
      const given = new Map<string, MetricValues[]>();
      const all = new Promise<void>((resolve) => {
        rounds.set(round, ({ name }, metrics) => {
          given.set(name, metrics);
          if (given.size === processes.length) resolve();
        });
      });
      for (const { tell } of processes) tell({ type: 'giveMetrics', round });
      await within(giveWithinMs, all, 'too slow').catch(() => {});
      rounds.delete(round);
      const labelled = processes.map(({ name }) => (given.get(name) ?? []).map((metric) => label(metric, name)));
      return AggregatorRegistry.aggregate(labelled).metrics();
    },
    take(process: AskedProcess, { round, metrics }: { round: number; metrics: MetricValues[] }): void {
      rounds.get(round)?.(process, metrics);
    },
  };
}

/** No two processes have a series in common then, so nothing is added up or left out. */
function label(metric: MetricValues, process: string) {
  const values = metric.values.map((it) => ({ ...it, labels: { process, ...it.labels } }));
  return { ...metric, values, aggregator: 'sum' };
}
