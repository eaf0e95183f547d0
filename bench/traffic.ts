import type { Redis } from 'ioredis';
import { jobChannels } from '#shared/channels.ts';
import type { JobStatusEvent } from '#shared/events.ts';
import { markerOf } from './marker.ts';

export interface Traffic {
  /** Publishes an event per run in one go; resolves to the last one's version when Redis has them all. */
  publish(runIds: readonly string[]): Promise<number>;
  /** When each version was published, as the clock that all processes of the machine share tells it. */
  publishedAtUs: ReadonlyMap<number, number>;
}

/** One of so many events belongs to a trace that is sampled. */
const tracedEvery = 100;

/**
 * What workers publish while runs are under way: each event newer than all before it, about 350 bytes of JSON. One in a hundred
 * belongs to a trace, which all contenders but one ignore.
 */
export function createTraffic(redis: Redis): Traffic {
  const publishedAtUs = new Map<number, number>();
  const startedAt = new Date().toISOString();
  // Rows begin with version 1.
  let version = 1;

  function event(runId: string): JobStatusEvent & { traceparent?: string } {
    version += 1;
    const traced = version % tracedEvery === 0 && { traceparent: traceparentOf(version) };
    return { ...traced, ...stateOf(runId, version, startedAt) };
  }

  return {
    async publish(runIds) {
      const pipeline = redis.pipeline();
      for (const runId of runIds) {
        pipeline.publish(jobChannels(runId).status.name, JSON.stringify(event(runId)));
        publishedAtUs.set(version, Number(process.hrtime.bigint() / 1_000n));
      }
      const last = version;
      await pipeline.exec();
      return last;
    },
    publishedAtUs,
  };
}

/** A state of a run that has begun. */
export function stateOf(runId: string, version: number, startedAt: string): JobStatusEvent {
  return {
    status: 'running',
    runId,
    version,
    duration: null,
    startedAt,
    completedAt: null,
    errorDetails: `${markerOf(version)} expect(locator).toBeVisible() failed: checkout.spec.ts`,
    artifactPaths: [],
    kind: 'job',
    name: 'Checkout',
    total: 24,
    passed: version % 24,
    failed: 0,
    skipped: 0,
    flaky: 0,
  };
}

/** As a publisher with OpenTelemetry writes it. */
function traceparentOf(version: number): string {
  const id = version.toString(16);
  return `00-${id.padStart(32, '1')}-${id.padStart(16, '1')}-01`;
}
