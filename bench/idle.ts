import { setTimeout as delay } from 'node:timers/promises';
import type { StartedContender } from './contender.ts';
import type { HerdResult, IdleResult } from './results.ts';

/** Far more often than in earnest, so that there is something to measure. */
export const idlePingIntervalMs = 2_000;

/** Connections being made at a time. */
export const herdInFlight = 500;

/**
 * Lets a herd of clients connect, stay without hearing anything but pings, leave and come back. For a server that was
 * started for this with `idlePingIntervalMs` and has had no clients yet.
 */
export async function measureIdle(
  contender: StartedContender,
  options: { runIds: string[]; clients: number; listenMs: number; reconnectTimes: number },
): Promise<IdleResult> {
  const { runIds, clients, listenMs, reconnectTimes } = options;
  const { name, server } = contender;
  // Code, buffers and connection pools are there before memory is looked at.
  await contender.connect({ runIds, count: 200, inFlight: herdInFlight });
  await leave(contender);
  const before = await server('memory');
  const connect = await measureHerd(contender, runIds, clients);
  const after = await server('memory');

  // What it takes to look at memory is over by then.
  await delay(1_000);
  const usageBefore = await server('usage');
  const startedAt = performance.now();
  await delay(listenMs);
  const usageAfter = await server('usage');
  const pings = ((performance.now() - startedAt) / idlePingIntervalMs) * clients;
  // Looking takes some of the CPU, too.
  await server('longestPause');
  await delay(1.5 * idlePingIntervalMs);
  const longestPauseMs = await server('longestPause');

  const reconnects: HerdResult[] = [];
  for (let time = 0; time < reconnectTimes; time += 1) {
    await leave(contender);
    reconnects.push(await measureHerd(contender, runIds, clients));
  }
  return {
    contender: name,
    clients,
    residentBytes: (after.residentBytes - before.residentBytes) / clients,
    heapBytes: (after.heapBytes - before.heapBytes) / clients,
    pingCpuUs: (usageAfter.cpuUs - usageBefore.cpuUs) / pings,
    longestPauseMs,
    connect,
    reconnects,
  };
}

async function measureHerd(contender: StartedContender, runIds: string[], clients: number): Promise<HerdResult> {
  const before = await contender.server('usage');
  const startedAt = performance.now();
  await contender.connect({ runIds, count: clients, inFlight: herdInFlight });
  const durationMs = performance.now() - startedAt;
  const after = await contender.server('usage');
  return { durationMs, cpuUs: (after.cpuUs - before.cpuUs) / clients, queries: after.queries - before.queries };
}

/** Resolves when the server has noticed, too, or seems not to. */
async function leave(contender: StartedContender): Promise<void> {
  await contender.disconnect();
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await contender.server('connections')) < 30) return;
    await delay(100);
  }
}
