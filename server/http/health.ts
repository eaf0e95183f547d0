import { sql } from 'kysely';
import { errorMessage } from '#server/lib/errors.ts';
import { within } from '#server/lib/within.ts';
import type { Bus } from '#server/bus/bus.ts';
import type { Database } from '#server/db/database.ts';
import type { RunQueue } from '#server/queue/run-queue.ts';

const timeoutMs = 3_000;

/** What requests depend on. */
export interface HealthServices {
  db: Database;
  bus: Bus;
  runQueue: RunQueue;
}

export interface Readiness {
  ready: boolean;
  /** `ok`, or the error. */
  checks: Record<'postgres' | 'bus' | 'queue', string>;
}

/** Checks everything that requests depend on, within about 3 s. */
export async function checkReadiness({ db, bus, runQueue }: HealthServices): Promise<Readiness> {
  const [postgres, busState, queue] = await Promise.all([
    check(sql`select 1`.execute(db)),
    check(bus.ping()),
    check(runQueue.ping()),
  ]);
  const checks = { postgres, bus: busState, queue };
  return { ready: Object.values(checks).every((state) => state === 'ok'), checks };
}

function check(answer: Promise<unknown>): Promise<string> {
  return within(timeoutMs, answer, `no answer within ${timeoutMs} ms`).then(() => 'ok', errorMessage);
}
