// A contender's server in a process of its own. Argument: its name.
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { answerCalls } from './calls.ts';
import type { ContenderName } from './contenders.ts';
import type { ServerSettings } from './serving.ts';

const serve: Record<ContenderName, (settings: ServerSettings) => Promise<number>> = {
  bare: async (settings) => (await import('./serve-bare.ts')).serveBare(settings),
  handwritten: async (settings) => (await import('./serve-handwritten.ts')).serveHandwritten(settings),
  stock: async (settings) => (await import('./serve-runlight.ts')).serveRunlight(settings, 'stock'),
  'better-sse': async (settings) => (await import('./serve-better-sse.ts')).serveBetterSse(settings),
  'socket.io': async (settings) => (await import('./serve-socket-io.ts')).serveSocketIo(settings),
  traced: async (settings) =>
    (await import('./serve-runlight.ts')).serveRunlight(settings, 'responder', { traced: true }),
  runlight: async (settings) => (await import('./serve-runlight.ts')).serveRunlight(settings, 'responder'),
};

let queries = 0;
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function counted(this: pg.Client, ...args: unknown[]) {
  queries += 1;
  return Reflect.apply(query, this, args) as never;
} as typeof query;

let loop: ReturnType<typeof monitorEventLoopDelay> | undefined;

/** Resident memory in bytes as the kernel accounts for it, where it does so exactly. */
async function residentBytes(): Promise<number> {
  const rollup = await readFile('/proc/self/smaps_rollup', 'utf8').catch(() => '');
  const kib = /^Rss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  return kib === undefined ? process.memoryUsage.rss() : Number(kib) * 1024;
}

export type ServerHandlers = typeof handlers;
const handlers = {
  /** Resolves to the port. */
  start: (settings: ServerSettings): Promise<number> => serve[process.argv[2] as ContenderName](settings),

  /** Of the whole process since its start: CPU as `getrusage` tells it, and queries to the database. */
  usage() {
    const { user, system } = process.cpuUsage();
    return { cpuUs: user + system, queries };
  },

  /** What remains when garbage is collected. */
  async memory() {
    for (let round = 0; round < 4; round += 1) {
      globalThis.gc!();
      await delay(100);
    }
    const { heapUsed, external } = process.memoryUsage();
    return { residentBytes: await residentBytes(), heapBytes: heapUsed + external };
  },

  /** Open sockets, those of clients among them. */
  connections: (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length,

  /** The longest time for which the process did nothing else, in ms, since the call before; begins with the first. */
  longestPause(): number {
    const longestMs = loop ? loop.max / 1e6 : 0;
    if (loop) loop.reset();
    else {
      loop = monitorEventLoopDelay({ resolution: 5 });
      loop.enable();
    }
    return longestMs;
  },
};
answerCalls(handlers);
