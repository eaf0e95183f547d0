import http from 'node:http';
import type { CaseState, PartState } from '#shared/run-cases.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import type { ServerAccess } from './client.ts';

/** How long a watcher waits before it connects again, in ms, times 1 to 3. */
const retryMs = 50;
/** JSON-RPC's code for what went wrong in a server; tRPC's client connects again after it. */
const internalError = -32_603;

export interface WatchersOptions {
  /** API processes. Watchers begin with the first; one that cannot be reached makes them try the next. */
  servers: readonly ServerAccess[];
  runId: string;
  /** How many follow `runs.onEvents`. */
  logs: number;
  /** How many follow `runs.onStatus`. */
  states: number;
  /** How many follow `runs.onCases`. */
  cases?: number;
}

/** What all watchers of a run have got, compared with what there was. */
export interface Counts {
  watchers: number;
  /** Log entries that there were, times the watchers of the log. */
  sent: number;
  delivered: number;
  lost: number;
  /** Entries, and versions of the state, that came again or came too late. */
  doubled: number;
  /** How often they had to connect again. */
  reconnects: number;
}

export interface Watchers extends Disposable {
  /** Resolves when the server has completed the streams of all; rejects when one was refused for good. */
  ended: Promise<void>;
  /** Streams that are open now. */
  open(): number;
  /** How many watchers have a stream that the server has completed. */
  completed(): number;
  /** Every watcher of the log has all entries up to this sequence number. */
  seq(): number;
  /** The version that every watcher of the state or of cases has got, or a later one. */
  version(): number;
  reconnects(): number;
  /** Cuts all connections, as a network may; the watchers come back at once, or after `wait`. */
  cut(options?: { wait?: Promise<void> }): void;
  /** They keep their connections but read nothing any more. */
  pause(): void;
  resume(): void;
  /** The terminal states that the watchers ended with, each once. */
  verdicts(): RunStatus[];
  count(truth: { entries: number }): Counts;
  /** What each watcher of cases has made of what it got, in the order of the cases. */
  caseStates(): CaseState[][];
}

/**
 * Watches one run many times over, each watcher on a connection of its own, as cheaply as a test needs: like a browser
 * they resume with the last id that they got, half of them in the header and half in the query, until the server says
 * that nothing follows. They remember no entries, only whether each came exactly once and in order.
 */
export function startWatchers(options: WatchersOptions): Watchers {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });
  const start = (kind: Kind, count: number) =>
    Array.from({ length: count }, (_, index) => watch(options, kind, index, agent));
  const logs = start('log', options.logs);
  const states = [...start('state', options.states), ...start('cases', options.cases ?? 0)];
  const watchers = [...logs, ...states];
  const sum = (pick: (watcher: Watcher) => number) => watchers.reduce((total, it) => total + pick(it), 0);
  const ended = Promise.all(watchers.map((it) => it.ended)).then(() => {});
  // Tests that need the outcome await it.
  ended.catch(() => {});
  return {
    ended,
    open: () => sum((it) => (it.isOpen ? 1 : 0)),
    completed: () => sum((it) => (it.isComplete ? 1 : 0)),
    seq: () => Math.min(...logs.map((it) => it.last)),
    version: () => Math.min(...states.map((it) => it.last)),
    reconnects: () => sum((it) => it.reconnects),
    cut({ wait } = {}) {
      for (const watcher of watchers) watcher.cut(wait);
    },
    pause() {
      for (const watcher of watchers) watcher.pause();
    },
    resume() {
      for (const watcher of watchers) watcher.resume();
    },
    verdicts: () => [...new Set(watchers.map((it) => it.verdict!))],
    count: ({ entries }) => ({
      watchers: watchers.length,
      sent: entries * logs.length,
      delivered: logs.reduce((total, it) => total + it.delivered, 0),
      lost: logs.reduce((total, it) => total + it.skipped + Math.max(0, entries - it.last), 0),
      doubled: sum((it) => it.doubled),
      reconnects: sum((it) => it.reconnects),
    }),
    caseStates: () => states.flatMap(({ cases, parts }) => (cases ? [inParts([...cases.values()], parts)] : [])),
    [Symbol.dispose]() {
      for (const watcher of watchers) watcher.stop();
      agent.destroy();
    },
  };
}

type Watcher = ReturnType<typeof watch>;

type Kind = 'log' | 'state' | 'cases';

const paths: Record<Kind, string> = { log: 'runs.onEvents', state: 'runs.onStatus', cases: 'runs.onCases' };

function watch({ servers, runId }: WatchersOptions, kind: Kind, index: number, agent: http.Agent) {
  const path = paths[kind];
  const query = `input=${encodeURIComponent(JSON.stringify({ runId }))}`;
  let request: http.ClientRequest | undefined;
  let response: http.IncomingMessage | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastId: string | undefined;
  let server = 0;
  let isPaused = false;
  let isStopped = false;
  let resolve!: () => void;
  let reject!: (error: Error) => void;

  const self = {
    ended: new Promise<void>((...settle) => ([resolve, reject] = settle)),
    isOpen: false,
    isComplete: false,
    /** `seq` of the last entry, or `version` of the last state. */
    last: 0,
    delivered: 0,
    skipped: 0,
    doubled: 0,
    reconnects: 0,
    verdict: undefined as RunStatus | undefined,
    cases: kind === 'cases' ? new Map<number, CaseState>() : undefined,
    parts: [] as readonly PartState[],
    cut(wait?: Promise<void>) {
      if (self.isComplete || isStopped) return;
      clearTimeout(timer);
      request?.destroy();
      request = undefined;
      self.isOpen = false;
      self.reconnects += 1;
      if (wait) void wait.then(connect);
      else connect();
    },
    pause() {
      isPaused = true;
      response?.pause();
    },
    resume() {
      isPaused = false;
      response?.resume();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      request?.destroy();
    },
  };

  function connect() {
    if (isStopped) return;
    const inQuery = lastId !== undefined && index % 2 === 0 ? `&lastEventId=${lastId}` : '';
    const inHeader = lastId !== undefined && index % 2 === 1 ? { 'last-event-id': lastId } : undefined;
    const { url, headers } = servers[server % servers.length]!;
    const mine = http.get(`${url}/api/trpc/${path}?${query}${inQuery}`, {
      agent,
      headers: { accept: 'text/event-stream', ...headers, ...inHeader },
    });
    request = mine;
    /** Connects again, unless that has been done, or need not be. */
    const again = () => {
      if (request !== mine || self.isComplete || isStopped) return;
      request = undefined;
      self.isOpen = false;
      self.reconnects += 1;
      timer = setTimeout(connect, retryMs * (1 + 2 * Math.random()));
    };
    mine.on('error', () => {
      if (request === mine && !response) server += 1;
      again();
    });
    mine.on('response', (res) => {
      if (request !== mine) return;
      response = res;
      res.setEncoding('utf8');
      let rest = '';
      res.on('data', (chunk: string) => {
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop()!;
        for (const block of blocks) if (request === mine) take(block);
      });
      res.on('error', () => {});
      res.on('close', () => {
        if (response === res) response = undefined;
        again();
      });
      if (isPaused) res.pause();
    });
  }

  function take(block: string) {
    const fields: Record<string, string> = {};
    for (const line of block.split('\n')) {
      const colon = line.indexOf(': ');
      if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
    }
    const { event, data, id } = fields;
    if (event === 'connected') self.isOpen = true;
    else if (event === 'return') complete();
    else if (event === 'serialized-error') {
      const { code, message } = JSON.parse(data!) as { code: number; message: string };
      if (code !== internalError) fail(new Error(`${path} refused: ${message}`));
      else request?.destroy();
    } else if (event === undefined && data !== undefined) {
      if (id !== undefined) lastId = id;
      receive(JSON.parse(data) as Event, id);
    }
  }
  function complete() {
    self.isComplete = true;
    self.isOpen = false;
    resolve();
  }
  function fail(error: Error) {
    self.stop();
    reject(error);
  }

  function receive(event: Event, id: string | undefined) {
    const isEnd = event.status !== undefined && isTerminal(event.status) && (kind !== 'log' || event.type === 'status');
    if (isEnd) self.verdict = event.status;
    const sequence = kind === 'log' ? event.seq : event.version;
    // A message of an outside publisher.
    if (sequence == null) return;
    if (String(sequence) !== id) return fail(new Error(`${path} sent ${sequence} with the id ${id}`));
    self.delivered += 1;
    for (const state of event.cases ?? []) self.cases?.set(state[0], state);
    self.parts = event.parts ?? self.parts;
    if (sequence <= self.last) self.doubled += 1;
    else {
      if (kind === 'log') self.skipped += sequence - self.last - 1;
      self.last = sequence;
    }
  }

  connect();
  return self;
}

interface Event {
  type?: string;
  seq?: number;
  version?: number | null;
  status?: RunStatus;
  cases?: CaseState[];
  parts?: PartState[] | null;
}

/** Without cases that a part had before it began anew. */
function inParts(cases: readonly CaseState[], parts: readonly PartState[]): CaseState[] {
  const isIn = ([index]: CaseState) =>
    parts.some(({ firstIndex, total }) => index >= firstIndex && index < firstIndex + total);
  return (parts.length === 0 ? cases : cases.filter(isIn)).toSorted((a, b) => a[0] - b[0]);
}
