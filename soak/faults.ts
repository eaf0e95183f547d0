import { setTimeout as delay } from 'node:timers/promises';
import { startWatchers } from '#server/testing/watchers.ts';
import type { SoakSystem } from './system.ts';

const awayMs = 8_000;
const slowMs = 40_000;

export interface FaultContext {
  system: SoakSystem;
  /** A run to watch; undefined when there is none. */
  anyRun(): string | undefined;
  signal: AbortSignal;
}

type Fault = (context: FaultContext) => Promise<void>;

/** `api-1` and `worker-1` are never killed, so that what they leak adds up. */
export const faults: Record<string, Fault> = {
  'a worker is killed': ({ system }) => system.restart('worker-2', 'SIGKILL'),
  'Redis restarts': ({ system, signal }) => system.withoutRedis(() => pause(awayMs, signal)),
  'an API process is killed': ({ system }) => system.restart('api-2', 'SIGKILL'),
  'clients read nothing': async ({ system, anyRun, signal }) => {
    const runId = anyRun();
    if (!runId) return;
    using watchers = startWatchers({ servers: system.servers, runId, logs: 20, states: 20 });
    watchers.pause();
    await pause(slowMs, signal);
  },
  'PostgreSQL restarts': ({ system, signal }) => system.withoutPostgres(() => pause(awayMs, signal)),
  'a worker is stopped': ({ system }) => system.restart('worker-2', 'SIGTERM'),
  'an API process is stopped': ({ system }) => system.restart('api-2', 'SIGTERM'),
};

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => {});
