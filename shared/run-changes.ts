/**
 * What may have changed for a case between two runs, the most important first. `newly_failed`: it has no failure in the other run.
 * `newly_flaky`: flaky, and not in the other run. `new`: without a result there. `removed`: with a result there, and not
 * listed in this run.
 */
export const changes = [
  'newly_failed',
  'still_failing',
  'fixed',
  'newly_flaky',
  'slower',
  'faster',
  'new',
  'removed',
] as const;
export type Change = (typeof changes)[number];

/** A case that passed in both runs is slower or faster if it took at least `factor` times as long, and `ms` longer. */
export const slowerBy = { factor: 2, ms: 1_000 };
