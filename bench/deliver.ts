import { setTimeout as delay } from 'node:timers/promises';
import type { StartedContender } from './contender.ts';
import type { DeliveryResult, DeliveryWorkload, RoundResult } from './results.ts';
import { quantile } from './statistics.ts';
import type { Traffic } from './traffic.ts';

const deliverWithinMs = 60_000;

/** What one contender is given in a round. */
export interface Plan {
  contender: StartedContender;
  /** All that its clients watch, as many clients each. */
  runIds: readonly string[];
  /** The runs of the events that are published together, one step after the other. */
  steps: readonly (readonly string[])[];
  /** From one step to the next; a step waits in any case until the one before has reached everybody. */
  everyMs: number;
}

/**
 * Plays the plans in turns, round by round, so that other work on the machine affects all of them alike. `onRound` is
 * called after each round.
 */
export async function playRounds(
  workload: DeliveryWorkload,
  plans: readonly Plan[],
  options: { traffic: Traffic; rounds: number; onRound(plan: Plan, result: RoundResult, round: number): void },
): Promise<DeliveryResult[]> {
  const results: DeliveryResult[] = [];
  const idle = await idleCpuUsPerS(plans.map((plan) => plan.contender));
  for (const { contender, steps } of plans) {
    const { watchers } = await contender.count();
    results.push({ workload, contender: contender.name, watchers, events: steps.flat().length, rounds: [] });
  }
  for (let round = 0; round < options.rounds; round += 1)
    for (const [index, plan] of plans.entries()) {
      const result = await playRound(plan, options.traffic, idle[index]!);
      results[index]!.rounds.push(result);
      options.onRound(plan, result, round);
    }
  return results;
}

async function playRound(plan: Plan, traffic: Traffic, idleUsPerS: number): Promise<RoundResult> {
  const { contender, runIds, steps, everyMs } = plan;
  await contender.probes('recordArrivals');
  const before = await contender.count();
  const usageBefore = await contender.server('usage');
  const startedAt = performance.now();
  let expected = 0;
  for (const step of steps) {
    const nextAt = performance.now() + everyMs;
    expected += (before.watchers * step.length) / runIds.length;
    const version = await traffic.publish(step);
    const target = runIds.length === 1 ? { version } : { frames: before.crowdFrames + expected };
    if (!(await reaches(contender, target, deliverWithinMs)))
      throw new Error(`${contender.name}: an event has not reached everybody within ${deliverWithinMs} ms`);
    const restMs = nextAt - performance.now();
    if (restMs > 1) await delay(restMs);
  }
  const durationMs = performance.now() - startedAt;
  const after = await contender.count();
  const usageAfter = await contender.server('usage');
  const arrivals = await contender.probes('arrivals');
  const latenciesMs = arrivals.map(({ version, atUs }) => (atUs - traffic.publishedAtUs.get(version)!) / 1_000);
  const delivered = after.frames - before.frames;
  const crowdCpuUs = after.crowdCpuUs - before.crowdCpuUs;
  return {
    cpuUs: (usageAfter.cpuUs - usageBefore.cpuUs - (idleUsPerS * durationMs) / 1_000) / delivered,
    clientCpuUs: (crowdCpuUs + after.probesCpuUs - before.probesCpuUs) / delivered,
    clientLoad: crowdCpuUs / 1_000 / durationMs,
    delivered,
    expected,
    durationMs,
    latencyP50Ms: quantile(latenciesMs, 0.5),
    latencyP99Ms: quantile(latenciesMs, 0.99),
  };
}

/** Whether all clients get a version, or as many events in all, in time. */
async function reaches(
  { crowd, probes }: StartedContender,
  target: { version: number } | { frames: number },
  withinMs: number,
): Promise<boolean> {
  const waits = [crowd('waitFor', { ...target, withinMs })];
  if ('version' in target) waits.push(probes('waitFor', { ...target, withinMs }));
  return (await Promise.all(waits)).every(Boolean);
}

/** Publishes until all clients have got events `times` times, so that the JIT compiler has done its work. */
export async function warmUp(
  { contender, runIds }: Pick<Plan, 'contender' | 'runIds'>,
  traffic: Traffic,
  times: number,
): Promise<void> {
  const deadline = performance.now() + deliverWithinMs;
  // Some contenders confirm a subscription before it is in force, so an event may not reach their clients.
  for (let done = 0; done < times;) {
    const { crowdFrames, watchers } = await contender.count();
    const version = await traffic.publish(runIds);
    const target = runIds.length === 1 ? { version } : { frames: crowdFrames + watchers };
    if (await reaches(contender, target, 2_000)) done += 1;
    else if (performance.now() > deadline) throw new Error(`${contender.name}: not all clients get events`);
  }
}

/** What the servers take of the CPU while nothing happens; the least of a few windows, since garbage settles first. */
async function idleCpuUsPerS(contenders: readonly StartedContender[]): Promise<number[]> {
  const usages = () => Promise.all(contenders.map(({ server }) => server('usage')));
  let least = contenders.map(() => Number.POSITIVE_INFINITY);
  for (let window = 0; window < 4; window += 1) {
    const before = await usages();
    const startedAt = performance.now();
    await delay(500);
    const after = await usages();
    const seconds = (performance.now() - startedAt) / 1_000;
    least = least.map((usage, index) => Math.min(usage, (after[index]!.cpuUs - before[index]!.cpuUs) / seconds));
  }
  return least;
}
