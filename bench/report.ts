import { budgetsOf, codeBytes, findRounds, medianOf, ratioOf } from './budgets.ts';
import { type ContenderName, contenderNames, labels } from './contenders.ts';
import { growthFallbackIntervalMs } from './growth.ts';
import { herdInFlight, idlePingIntervalMs } from './idle.ts';
import { processesTable } from './processes-report.ts';
import type {
  ArtifactsResult,
  DeliveryWorkload,
  ReportsRound,
  Results,
  RoundResult,
  ShardsRound,
  StoredFiles,
} from './results.ts';
import { quantile, type Spread, spread } from './statistics.ts';

const titles: Record<DeliveryWorkload, string> = {
  'one-1000': '1,000 watchers of one run',
  'one-4000': '4,000 watchers of one run',
  many: '1,000 watchers over 100 runs',
  burst: 'burst of 200 events, 1,000 watchers',
};

const amount = (value: number) => Math.round(value).toLocaleString('en');
const short = (value: number) => (value >= 100 ? amount(value) : value.toFixed(value >= 10 ? 1 : 2));
const kib = (bytes: number) => (bytes / 1024).toFixed(1);
const span = ({ median, min, max }: Spread, format: (value: number) => string) =>
  min === max ? format(median) : `${format(median)} (${[format(min), format(max)].join('–')})`;

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** The results as Markdown. */
export function report(results: Results): string {
  const { machine } = results;
  const parts = [
    '# Benchmark',
    `Measured by \`npm run bench${results.isQuick ? ' -- --quick' : ''}\` on ${results.startedAt.slice(0, 10)} in ` +
      `${(results.durationS / 60).toFixed(1)} minutes: ${machine.processor}, ${machine.cores} cores, ` +
      `${machine.system}, Node ${machine.node}. Servers, clients, Redis and Postgres share the machine. ` +
      'Times differ from machine to machine; the ratios are what counts.',
    ...budgetPart(results),
    ...deliveryPart(results),
    ...latencyPart(results),
    ...idlePart(results),
    ...growthPart(results),
    ...largePart(results),
    ...reportsPart(results),
    ...artifactsPart(results),
    ...suitesPart(results),
    ...processesPart(results),
    ...methodPart(results),
  ];
  return parts.join('\n\n');
}

function budgetPart(results: Results): string[] {
  const rows = budgetsOf(results).map(({ name, ratio, limit, isMet, format }) => [
    name,
    ratio ? span(ratio, format) : '',
    `≤ ${format(limit)}`,
    isMet ? 'kept' : '**missed**',
  ]);
  if (rows.length === 0) return [];
  return [
    '## Budgets',
    'Runlight; medians of the rounds, in brackets the least and the most.',
    table(['', 'measured', 'budget', ''], rows),
  ];
}

function deliveryPart(results: Results): string[] {
  const workloads = (Object.keys(titles) as DeliveryWorkload[]).filter((it) => findRounds(results, it, 'bare'));
  if (workloads.length === 0) return [];
  const cpu = (round: RoundResult) => round.cpuUs;
  const rows = contendersIn(results).map((contender) => [
    labels[contender],
    ...workloads.map((workload) => {
      const rounds = findRounds(results, workload, contender);
      const ratio = ratioOf(results, workload, [contender, 'bare'], cpu);
      if (!rounds || !ratio) return '–';
      const share = medianOf(rounds, ({ delivered, expected }) => delivered / expected);
      const merged = share < 0.9995 ? `, ${short(share * 100)} % sent` : '';
      return `${short(medianOf(rounds, cpu))} µs · ${span(ratio, short)}${merged}`;
    }),
  ]);
  return [
    '## CPU per delivered event',
    'CPU time of the server process for each event that reaches a client, in µs, and its ratio to the bare server. ' +
      'Where fewer events were sent than published, older states of a run were left out for newer ones; the time is ' +
      'still that per event sent.',
    table(['', ...workloads.map((it) => titles[it])], rows),
  ];
}

function latencyPart(results: Results): string[] {
  if (!findRounds(results, 'one-1000', 'bare')) return [];
  const rows = contendersIn(results).map((contender) => {
    const rounds = findRounds(results, 'one-1000', contender);
    const burst = findRounds(results, 'burst', contender);
    const ratio = ratioOf(results, 'one-1000', [contender, 'bare'], (round) => round.latencyP99Ms);
    return [
      labels[contender],
      rounds ? short(medianOf(rounds, (round) => round.latencyP50Ms)) : '–',
      rounds ? short(medianOf(rounds, (round) => round.latencyP99Ms)) : '–',
      ratio ? span(ratio, short) : '–',
      burst ? amount(medianOf(burst, (round) => round.durationMs)) : '–',
    ];
  });
  return [
    '## From publishing to the client',
    'In ms, with 1,000 watchers of one run; for the burst, until everybody has the newest of 200 states.',
    table(['', 'p50', 'p99', 'p99 to bare', 'burst'], rows),
  ];
}

function idlePart(results: Results): string[] {
  if (results.idle.length === 0) return [];
  const memory = results.idle.map((it) => [
    labels[it.contender],
    amount(it.clients),
    kib(it.residentBytes),
    kib(it.heapBytes),
    short(it.pingCpuUs),
    amount(it.longestPauseMs),
  ]);
  const herd = results.idle.map(({ contender, clients, connect, reconnects }) => {
    const median = (value: (it: typeof connect) => number) => quantile(reconnects.map(value), 0.5);
    return [
      labels[contender],
      amount(clients),
      (connect.durationMs / 1_000).toFixed(1),
      amount(connect.cpuUs),
      amount(connect.queries),
      (median((it) => it.durationMs) / 1_000).toFixed(1),
      amount(median((it) => it.cpuUs)),
      amount(median((it) => it.queries)),
    ];
  });
  return [
    '## Idle clients',
    'Memory per client in KiB after garbage collection: what the process holds of the machine, and what of it is ' +
      'JavaScript. CPU per ping and client in µs; the longest time in ms for which pings kept the server from anything else.',
    table(['', 'clients', 'memory', 'of it heap', 'CPU per ping', 'longest pause'], memory),
    '## A herd of clients',
    `All clients connect, ${herdInFlight} at a time, until each has the state of its run; then all leave and come back. ` +
      'Seconds, µs of the server’s CPU per client, and queries to the database for all of them together. Bare, ' +
      'better-sse and socket.io send a constant instead of the state.',
    table(['', 'clients', 's', 'CPU', 'queries', 'back: s', 'CPU', 'queries'], herd),
  ];
}

function growthPart(results: Results): string[] {
  if (results.growth.length === 0) return [];
  const rows = results.growth.map((it) => [
    labels[it.contender],
    amount(it.watchers),
    amount(it.redisConnections),
    it.queries.toFixed(1),
  ]);
  return [
    '## As watchers grow',
    'Watchers of up to 100 runs while nothing happens: Redis connections of the process, those of its queue included, ' +
      'and queries to the database per fallback interval.',
    table(['', 'watchers', 'Redis connections', 'queries per interval'], rows),
  ];
}

function largePart({ large }: Results): string[] {
  if (!large) return [];
  const { openings, frames, writing, wallTime } = large;
  const opening = (name: string, { rounds }: typeof openings.small) => {
    const times = rounds.map(({ ms }) => ms);
    return [name, kib(rounds[0]!.bytes), short(quantile(times, 0.5)), short(quantile(times, 0.99))];
  };
  const median = (values: number[]) => quantile(values, 0.5);
  return [
    '## Large runs',
    'What the page of a run reads when it is opened (`runs.byId`, manifests of four parts, `runs.states`, `runs.errors`, ' +
      '`runs.compare`, `runs.firstFailures` and the last 500 entries of its log, all at once): KiB as they travel, gzipped, and ms until the last ' +
      `answer. A budget counts the page’s code, too, ${codeBytes / 1_000} kB at most.`,
    table(
      ['', 'KiB', 'ms p50', 'ms p99'],
      [opening('50 cases, 10,000 events', openings.small), opening('5,000 cases, 1,000,000 events', openings.large)],
    ),
    `1,000 watchers of a run that settles 100 cases a second get a frame every 250 ms: ${short(median(frames.cases.map((it) => it.cpuUs)))} µs ` +
      `of the server’s CPU each; a state of a run, ${short(median(frames.status.map((it) => it.cpuUs)))} µs.`,
    'A worker writes into one run, with Postgres as database and bus and ten watchers of the log: ' +
      `${amount(writing.entriesPerS)} entries a second arrive after ${short(writing.latencyP50Ms)} ms (p50) and ` +
      `${short(writing.latencyP99Ms)} ms (p99); of 20,000 at once, ${amount(writing.mostPerS)} a second.`,
    `A script of 20 cases takes ${short(median(wallTime.runlightMs) / 1_000)} s from **Run** to its verdict, with sandbox, log and ` +
      `report; \`npx playwright test\` takes ${short(median(wallTime.playwrightMs) / 1_000)} s.`,
  ];
}

function reportsPart({ reports }: Results): string[] {
  if (!reports) return [];
  const median = (value: (round: ReportsRound) => number) => quantile(reports.rounds.map(value), 0.5);
  return [
    '## Reported runs',
    `${reports.suites} suites report ${reports.eventsPerS} events a second each, collected for 100 ms as the reporter does, over ` +
      `HTTP and Redis; each run has a watcher of its log. An event arrives after ${short(median((it) => it.latencyP50Ms))} ms (p50) and ` +
      `${short(median((it) => it.latencyP99Ms))} ms (p99; from a worker: ${short(median((it) => it.workerP99Ms))} ms). The API takes ${short(median((it) => it.ingestCpuUs))} µs of CPU to store one; a ` +
      `worker that writes the same into as many runs, ${short(median((it) => it.workerCpuUs))} µs.`,
  ];
}

function artifactsPart({ artifacts }: Results): string[] {
  if (!artifacts) return [];
  const row = (label: string, pick: (of: ArtifactsResult['s3']) => StoredFiles) => {
    const cells = [artifacts.local, artifacts.s3].map(pick);
    return [label, ...cells.map(({ ms, residentBytes }) => `${short(ms / 1_000)} s, ${short(residentBytes / 1e6)} MB`)];
  };
  return [
    '## Files of a run',
    'In a folder, and in a bucket of OpenStack Swift in one process on this machine: wall time, and the most memory that it took. A ' +
      'folder gets the files of a script by renaming them.',
    table(
      ['', 'folder', 'bucket'],
      [
        row('500 files, 1 GB, sent one by one', (it) => it.received),
        row('50 files, 100 MB, sent one by one', (it) => it.receivedTenth),
        row('500 files, 1 GB, stored as a whole', (it) => it.put),
      ],
    ),
  ];
}

function suitesPart({ suites }: Results): string[] {
  if (!suites) return [];
  const { wallTime, install, push, shards } = suites;
  const median = (values: readonly number[]) => quantile(values, 0.5);
  const seconds = (ms: number) => `${short(ms / 1_000)} s`;
  const rows = shards.map(({ kind, parts, waitMs, rounds }) => {
    const idealOf = ({ startMs }: ShardsRound) => waitMs + startMs;
    const side = (ms: (round: ShardsRound) => number) =>
      `${seconds(median(rounds.map(ms)))} · ${span(spread(rounds.map((it) => ms(it) / idealOf(it))), short)}`;
    const file = kind === 'serial' ? 'stays together' : 'is divided';
    return [
      `${parts} parts, the long file ${file}`,
      `${seconds(median(rounds.map(idealOf)))} (${seconds(waitMs)} + start)`,
      side((it) => it.playwrightMs),
      side((it) => it.runlightMs),
    ];
  });
  return [
    '## Suites on workers',
    `A suite of 24 cases takes ${seconds(median(wallTime.runlightMs))} from the start of its run to the verdict, and ` +
      `${seconds(median(wallTime.playwrightMs))} by \`npx playwright test\` in its folder. Its packages are there after ` +
      `${seconds(install.firstMs)} the first time, then after ${amount(median(install.cachedMs))} ms, unpacking included. ` +
      `\`runlight push\` of ${amount(push.files)} files takes ${seconds(push.firstMs)}, and ${seconds(median(push.unchangedMs))} when ` +
      'nothing has changed.',
    'A suite in parts, all at once on two workers: one file takes as long as twelve others together, and cases wait, so that ' +
      'parts need no core each. The ideal is the best division there can be, and the time that as many parts of Playwright’s own need ' +
      'on this machine when their cases do not wait. Seconds until the last part has ended, and the ratio to the ideal.',
    table(['', 'ideal', 'Playwright’s `--shard`', '**Runlight**'], rows),
  ];
}

function processesPart({ processes }: Results): string[] {
  if (!processes) return [];
  const [head, ...rows] = processesTable(processes);
  return [
    '## Several API processes',
    'Watchers of the log of one run, over processes of `API_PROCESSES` or behind nginx. CPU and memory: of these processes + of the primary process or nginx. CPU each: to connect.',
    table(head!, rows),
  ];
}

function methodPart(results: Results): string[] {
  const rounds = results.deliveries.flatMap((it) => it.rounds.map((round) => ({ ...round, workload: it.workload })));
  const busiest = rounds.toSorted((a, b) => b.clientLoad - a.clientLoad)[0];
  const lines = [
    'Every contender has a server process and two processes of clients; Runlight and the stock adapter run from `dist/`. ' +
      'CPU is what the operating system accounts to the server process (`getrusage`), that of the idle server taken off. ' +
      'Contenders take turns within each round; ratios are those of rounds that were played one after the other.',
    'Events are published to Redis on `job:<runId>:status` as workers do, 350 bytes of JSON each, at most 25 a second ' +
      'for 1,000 watchers of one run and 10 a second for 4,000, and never before the one before has reached everybody.',
    'The hand-written endpoint is that of the document that Runlight replaces, made cheaper where that is no part of its ' +
      'design: it writes to Node’s response instead of a web stream, and logs nothing. The slow contenders get fewer ' +
      'events a round, and fewer idle clients; the ratios are per event and per client.',
    `Pings come every ${idlePingIntervalMs / 1_000} s in the idle test, and fallback reads every ` +
      `${growthFallbackIntervalMs / 1_000} s in that of growth, instead of every 30 s.`,
  ];
  if (busiest)
    lines.push(
      'The clients are raw sockets that look for a marker and parse nothing, and every event is counted. They are not ' +
        `what limits the servers: their main process never took more than ${Math.round(busiest.clientLoad * 100)} % of ` +
        `a core (${titles[busiest.workload]}). Clients that slept 5 ms between reads, tried when this was written, made ` +
        'no difference to the servers’ CPU. Latency is ' +
        'taken by 5 % of the clients, spread evenly over the others, in a process of their own that goes first on the CPU.',
    );
  return ['## How it is measured', lines.map((line) => `- ${line}`).join('\n')];
}

function contendersIn(results: Results): ContenderName[] {
  return contenderNames.filter((name) => results.deliveries.some((it) => it.contender === name));
}
