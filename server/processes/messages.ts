/** A metric, as `Registry.getMetricsAsJSON` of prom-client gives it. */
export interface MetricValues {
  name: string;
  values: { value: number; labels: Record<string, string | number> }[];
}

/** What a process tells its primary process. */
export type ToPrimary =
  /** `url`: where its API listens; `entrance`: the address that people open. */
  | { type: 'ready'; url?: string | undefined; entrance?: string | undefined }
  | { type: 'askMetrics'; id: number }
  | { type: 'metrics'; round: number; metrics: MetricValues[] };

/** What the primary process tells a process. */
export type ToProcess =
  /** As a signal does where there is no primary process. */
  { type: 'stop' } | { type: 'giveMetrics'; round: number } | { type: 'allMetrics'; id: number; text: string };
