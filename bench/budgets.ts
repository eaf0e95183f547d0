import type { ContenderName } from './contenders.ts';
import type { DeliveryWorkload, Results, RoundResult } from './results.ts';
import { quantile, type Spread, spread } from './statistics.ts';

export interface Budget {
  name: string;
  /** Measured, as a ratio. */
  ratio: Spread | undefined;
  limit: number;
  isMet: boolean;
  /** How the ratio and the limit are written. */
  format(ratio: number): string;
}

export function findRounds(
  results: Results,
  workload: DeliveryWorkload,
  contender: ContenderName,
): RoundResult[] | undefined {
  return results.deliveries.find((it) => it.workload === workload && it.contender === contender)?.rounds;
}

/** Round by round: those of one number were played one right after the other. */
export function ratioOf(
  results: Results,
  workload: DeliveryWorkload,
  [contender, other]: readonly [ContenderName, ContenderName],
  value: (round: RoundResult) => number,
): Spread | undefined {
  const rounds = findRounds(results, workload, contender);
  const others = findRounds(results, workload, other);
  if (!rounds || !others) return undefined;
  return spread(rounds.map((round, index) => value(round) / value(others[index]!)));
}

const decimal = (ratio: number) => ratio.toFixed(2);
const part = (ratio: number) => `1/${(1 / ratio).toFixed(0)}`;

/** The budgets of the live engine that were measured. */
export function budgetsOf(results: Results): Budget[] {
  const budgets: Budget[] = [];
  function add(name: string, ratio: Spread | undefined, limit: number, format = decimal) {
    if (ratio) budgets.push({ name, ratio, limit, isMet: ratio.median <= limit, format });
  }
  const cpu = (round: RoundResult) => round.cpuUs;
  const workloads = [
    ['one-1000', '1,000 watchers'],
    ['one-4000', '4,000 watchers'],
  ] as const;
  for (const [workload, title] of workloads) {
    add(`CPU per event, ${title}, against bare`, ratioOf(results, workload, ['runlight', 'bare'], cpu), 0.9);
    add(
      `CPU per event, ${title}, against stock tRPC`,
      ratioOf(results, workload, ['runlight', 'stock'], cpu),
      1 / 20,
      part,
    );
    add(
      `CPU per event, ${title}, against the hand-written endpoint`,
      ratioOf(results, workload, ['runlight', 'handwritten'], cpu),
      0.4,
    );
  }
  add(
    'publish → client p99, 1,000 watchers, against bare',
    ratioOf(results, 'one-1000', ['runlight', 'bare'], (round) => round.latencyP99Ms),
    1.3,
  );
  const idleOf = (name: ContenderName) => results.idle.find((it) => it.contender === name);
  const [bare, runlight] = [idleOf('bare'), idleOf('runlight')];
  if (bare && runlight)
    add('memory per idle client against bare', spread([runlight.residentBytes / bare.residentBytes]), 1.2);
  const growth = results.growth.filter((it) => it.contender === 'runlight' && it.watchers >= 100);
  const [few, many] = [growth.at(0), growth.at(-1)];
  if (few && many) {
    const range = `${few.watchers} → ${many.watchers.toLocaleString('en')} watchers`;
    add(`Redis connections, ${range}`, spread([many.redisConnections / few.redisConnections]), 1);
    // An interval more or less may fall into the time of counting.
    add(`database reads per interval, ${range}`, spread([many.queries / few.queries]), 1.25);
  }
  return budgets;
}

/** The median over rounds. */
export function medianOf(rounds: readonly RoundResult[], value: (round: RoundResult) => number): number {
  return quantile(rounds.map(value), 0.5);
}
