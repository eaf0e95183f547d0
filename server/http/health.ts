import { sql } from 'kysely';
import { errorMessage } from '#server/lib/errors.ts';
import { within } from '#server/lib/within.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import type { Bus } from '#server/bus/bus.ts';
import type { Database } from '#server/db/database.ts';
import type { RunQueue } from '#server/queue/run-queue.ts';

const timeoutMs = 3_000;

/** What requests depend on. */
export interface HealthServices {
  db: Database;
  bus: Bus;
  runQueue: RunQueue;
  artifacts: ArtifactStore;
}

export interface Readiness {
  /** `degraded`: runs go on, and their files wait; a balancer that took all processes out would make that an outage. */
  status: 'ok' | 'degraded' | 'unavailable';
  /** `ok`, or the error. `artifacts`: of a bucket. */
  checks: Record<'postgres' | 'bus' | 'queue', string> & { artifacts?: string };
}

/** Checks everything that requests depend on, within about 3 s. */
export async function checkReadiness({ db, bus, runQueue, artifacts }: HealthServices): Promise<Readiness> {
  const [postgres, busState, queue, bucket] = await Promise.all([
    check(sql`select 1`.execute(db)),
    check(bus.ping()),
    check(runQueue.ping()),
    artifacts.kind === 's3' ? check(artifacts.ping()) : undefined,
  ]);
  const checks = { postgres, bus: busState, queue };
  const isReady = Object.values(checks).every((state) => state === 'ok');
  return {
    status: !isReady ? 'unavailable' : (bucket ?? 'ok') === 'ok' ? 'ok' : 'degraded',
    checks: { ...checks, ...(bucket !== undefined && { artifacts: bucket }) },
  };
}

function check(answer: Promise<unknown>): Promise<string> {
  return within(timeoutMs, answer, `no answer within ${timeoutMs} ms`).then(() => 'ok', errorMessage);
}
