import type { ContenderName } from './contenders.ts';

export const deliveryWorkloads = ['one-1000', 'one-4000', 'many', 'burst'] as const;
export type DeliveryWorkload = (typeof deliveryWorkloads)[number];

/** A round of events published to one contender's clients. */
export interface RoundResult {
  /** µs of the server's CPU per event that reached a client. */
  cpuUs: number;
  clientCpuUs: number;
  /** The clients' main process: its share of one core. */
  clientLoad: number;
  delivered: number;
  /** Clients times events. */
  expected: number;
  durationMs: number;
  latencyP50Ms: number;
  latencyP99Ms: number;
}

export interface DeliveryResult {
  workload: DeliveryWorkload;
  contender: ContenderName;
  watchers: number;
  events: number;
  rounds: RoundResult[];
}

export interface HerdResult {
  durationMs: number;
  /** µs of the server's CPU per client. */
  cpuUs: number;
  queries: number;
}

export interface IdleResult {
  contender: ContenderName;
  clients: number;
  /** Per client, when garbage has been collected. */
  residentBytes: number;
  heapBytes: number;
  /** µs of the server's CPU per ping and client. */
  pingCpuUs: number;
  /** For so long the server did nothing but write pings. */
  longestPauseMs: number;
  /** The first time. */
  connect: HerdResult;
  /** Each further time. */
  reconnects: HerdResult[];
}

export interface GrowthResult {
  contender: ContenderName;
  watchers: number;
  /** Of the server process. */
  redisConnections: number;
  /** Per fallback interval, while nothing happens. */
  queries: number;
}

/** What the page of a run reads when it is opened. */
export interface OpeningResult {
  rounds: {
    /** Compressed, without headers. */
    bytes: number;
    /** Until the last answer is there. */
    ms: number;
    answers: { name: string; bytes: number; ms: number }[];
  }[];
}

/** Rounds of frames that watchers of states of runs, and of cases, got. */
export interface FramesResult {
  /** Of each. */
  watchers: number;
  status: FramesRound[];
  cases: FramesRound[];
}

export interface FramesRound {
  frames: number;
  /** µs of the server's CPU per frame that reached a client. */
  cpuUs: number;
}

/** A worker that writes into one run, and watchers of its log. */
export interface WritingResult {
  /** Entries that reached all watchers. */
  entriesPerS: number;
  /** If they are there all at once. */
  mostPerS: number;
  /** From the reporter to a watcher. */
  latencyP50Ms: number;
  latencyP99Ms: number;
}

/** From the start of a script or a suite to its verdict, round by round. */
export interface WallTimeResult {
  runlightMs: number[];
  playwrightMs: number[];
}

export interface LargeRunResults {
  openings: { small: OpeningResult; large: OpeningResult };
  frames: FramesResult;
  writing: WritingResult;
  wallTime: WallTimeResult;
}

/** A suite of Playwright, as its command sees it. */
export interface ReporterSide {
  ms: number;
  /** The most of Playwright's main process. */
  residentBytes: number;
}

/** Suites with the package's reporter and without it, round by round. */
export type ReporterCost = Record<'short' | 'long', { plain: ReporterSide; reported: ReporterSide }[]>;

/** Suites that report, and runs of a worker that say the same. */
export interface ReportsResult {
  suites: number;
  /** Of each. */
  eventsPerS: number;
  rounds: ReportsRound[];
}

export interface ReportsRound {
  /** µs of CPU per event, of the worker that writes it, and of the API that takes it from a reporter. */
  workerCpuUs: number;
  ingestCpuUs: number;
  /** From the reporter to a watcher. */
  latencyP50Ms: number;
  latencyP99Ms: number;
  /** From the worker to a watcher. */
  workerP99Ms: number;
}

export interface StoredFiles {
  ms: number;
  /** The most that it took beyond what the process had before. */
  residentBytes: number;
}

/** 500 files of 1 GB, and a tenth of them: sent one by one, and stored as a whole. */
export type ArtifactsResult = Record<
  'local' | 's3',
  { received: StoredFiles; receivedTenth: StoredFiles; put: StoredFiles }
>;

/** Of a suite on a worker. */
export interface SuiteInstallResult {
  /** With its package manager. */
  firstMs: number;
  /** From the worker's cache. */
  cachedMs: number[];
}

/** `runlight push` of a suite. */
export interface PushResult {
  files: number;
  /** Everything is sent. */
  firstMs: number;
  /** Nothing is. */
  unchangedMs: number[];
}

/** A suite in parts. One of its files takes as long as all others together. */
export interface ShardsResult {
  /** Whether the cases of the long file stay together (`serial`) or may be divided. */
  kind: 'parallel' | 'serial';
  parts: number;
  /** The longest part of the best division: what its cases wait. */
  waitMs: number;
  rounds: ShardsRound[];
}

export interface ShardsRound {
  runlightMs: number;
  /** Its own division. */
  playwrightMs: number;
  /** As many of Playwright's own parts at once, with cases that do not wait. */
  startMs: number;
}

export interface SuiteResults {
  wallTime: WallTimeResult;
  install: SuiteInstallResult;
  push: PushResult;
  shards: ShardsResult[];
}

/** Watchers of one run over several API processes. */
export interface ProcessesResult {
  processes: number;
  /** One process itself, the primary process of `API_PROCESSES`, or nginx in front of processes on ports of their own. */
  entrance: 'direct' | 'cluster' | 'nginx';
  watchers: number;
  /** Until all have their first event. */
  connectS: number;
  /** µs of CPU per watcher, of the API processes and of what is in front of them. */
  connectCpuUs: number;
  connectProxyCpuUs: number;
  /** µs of CPU per frame that reached a watcher. */
  serverCpuUs: number;
  proxyCpuUs: number;
  /** From the beginning of a commit to a watcher. */
  latencyP50Ms: number;
  latencyP99Ms: number;
  /** Garbage included. */
  bytesPerWatcher: number;
  proxyBytesPerWatcher: number;
  /** Frames that did not arrive, and connections that broke. */
  lost: number;
}

export interface Machine {
  processor: string;
  cores: number;
  system: string;
  node: string;
}

export interface Results {
  startedAt: string;
  durationS: number;
  isQuick: boolean;
  machine: Machine;
  deliveries: DeliveryResult[];
  idle: IdleResult[];
  growth: GrowthResult[];
  large?: LargeRunResults;
  reporter?: ReporterCost;
  reports?: ReportsResult;
  artifacts?: ArtifactsResult;
  suites?: SuiteResults;
  processes?: ProcessesResult[];
}
