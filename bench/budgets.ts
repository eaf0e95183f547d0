import type { ContenderName } from './contenders.ts';
import type {
  DeliveryWorkload,
  LargeRunResults,
  ReporterCost,
  ReportsResult,
  Results,
  RoundResult,
  SuiteResults,
} from './results.ts';
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
    add(
      `CPU per event, ${title}, OpenTelemetry on with 1 % sampled, against off`,
      ratioOf(results, workload, ['traced', 'runlight'], cpu),
      1.1,
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
  if (results.large) addLargeRuns(results.large, add);
  if (results.reporter) addReporter(results.reporter, add);
  if (results.reports) addReports(results.reports, add);
  if (results.suites) addSuites(results.suites, add);
  return budgets;
}

/** Of the code of a page, gzipped: `npm run build` allows no more. */
export const codeBytes = 180_000;

function addLargeRuns(
  { openings, frames, writing, wallTime }: LargeRunResults,
  add: (name: string, ratio: Spread, limit: number, format?: (ratio: number) => string) => void,
): void {
  const ratio = (of: readonly number[], to: readonly number[]) => spread(of.map((value, index) => value / to[index]!));
  const [small, large] = [openings.small.rounds, openings.large.rounds];
  const opening = 'opening a run of 5,000 cases and 1,000,000 events, against 50 cases';
  const pageBytes = ({ bytes }: { bytes: number }) => codeBytes + bytes;
  add(`${opening}: bytes of the page, with its code`, ratio(large.map(pageBytes), small.map(pageBytes)), 3);
  const ms = (rounds: typeof small) => rounds.map((round) => round.ms);
  add(`${opening}: time of the answers`, ratio(ms(large), ms(small)), 3);
  const cpu = (rounds: typeof frames.status) => rounds.map(({ cpuUs }) => cpuUs);
  add(
    'CPU per frame, 1,000 watchers of 100 cases a second, against status',
    ratio(cpu(frames.cases), cpu(frames.status)),
    1.1,
  );
  const absolute = (unit: string) => (value: number) => `${Math.round(value).toLocaleString('en')} ${unit}`;
  add(
    'reporter → watcher p99 at 2,500 log entries a second, one run',
    spread([writing.latencyP99Ms]),
    150,
    absolute('ms'),
  );
  add(
    'time from the start of a script to its verdict, against `npx playwright test`',
    ratio(wallTime.runlightMs, wallTime.playwrightMs),
    1.1,
  );
}

function addReporter(
  cost: ReporterCost,
  add: (name: string, ratio: Spread, limit: number, format?: (ratio: number) => string) => void,
): void {
  const suites = { short: '200 short cases', long: '20 cases of 2 s' } as const;
  for (const name of ['short', 'long'] as const) {
    const time = spread(cost[name].map(({ plain, reported }) => reported.ms / plain.ms));
    add(`wall time of a suite with the reporter against without, ${suites[name]}`, time, 1.03, (value) =>
      value.toFixed(3),
    );
  }
  const memory = [...cost.short, ...cost.long].map(
    ({ plain, reported }) => reported.residentBytes - plain.residentBytes,
  );
  add(
    "memory of the reporter in Playwright's process",
    spread(memory),
    64e6,
    (value) => `${(value / 1e6).toFixed(0)} MB`,
  );
}

function addReports(
  { suites, eventsPerS, rounds }: ReportsResult,
  add: (name: string, ratio: Spread, limit: number, format?: (ratio: number) => string) => void,
): void {
  add(
    `reported event → watcher p99, ${suites} suites of ${eventsPerS} events a second over Redis`,
    spread(rounds.map(({ latencyP99Ms }) => latencyP99Ms)),
    250,
    (ms) => `${Math.round(ms)} ms`,
  );
  add(
    'CPU per reported event, against an event that a worker writes',
    spread(rounds.map(({ ingestCpuUs, workerCpuUs }) => ingestCpuUs / workerCpuUs)),
    3,
  );
}

function addSuites(
  { wallTime, install, push, shards }: SuiteResults,
  add: (name: string, ratio: Spread, limit: number, format?: (ratio: number) => string) => void,
): void {
  const ms = (value: number) => `${Math.round(value).toLocaleString('en')} ms`;
  const ratios = wallTime.runlightMs.map((value, index) => value / wallTime.playwrightMs[index]!);
  add(
    'time from the start of a suite to its verdict, packages cached, against `npx playwright test`',
    spread(ratios),
    1.1,
  );
  add('install of a suite from the cache, unpacking included', spread(install.cachedMs), 1_000, ms);
  add(`push of an unchanged suite, ${push.files.toLocaleString('en')} files`, spread(push.unchangedMs), 1_000, ms);
  for (const { kind, parts, waitMs, rounds } of shards) {
    const file = kind === 'serial' ? 'a serial file is half of it' : 'a file that is divided is half of it';
    const ofIdeal = rounds.map(({ runlightMs, startMs }) => runlightMs / (waitMs + startMs));
    add(`suite in ${parts} parts, ${file}: time against the ideal`, spread(ofIdeal), 1.15);
  }
}

/** The median over rounds. */
export function medianOf(rounds: readonly RoundResult[], value: (round: RoundResult) => number): number {
  return quantile(rounds.map(value), 0.5);
}
