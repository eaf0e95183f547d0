import type { Database } from '#server/db/database.ts';
import { findWorstCases } from '#server/cases/list-cases.ts';
import { findQuarantinedCases } from '#server/cases/quarantine.ts';
import { findNextStarts } from '#server/jobs/next-starts.ts';
import { countPausedRules } from '#server/notifications/list-rules.ts';
import { listQueue } from '#server/queue/list.ts';
import { findRunDays } from '#server/runs/run-days.ts';

/** Days that the overview looks at. */
const days = 14;
const dayMs = 24 * 3_600_000;
const shown = { cases: 8, starts: 6 };

/** What needs attention in a project now. Costs the same however many runs there are. */
export async function readOverview(db: Database, projectId: string) {
  const [worst, quarantined, runDays, nextStarts, queue, pausedRules] = await Promise.all([
    findWorstCases(db, { projectId, window: days }, { most: shown.cases, newSince: Date.now() - dayMs }),
    findQuarantinedCases(db, projectId, shown.cases),
    findRunDays(db, projectId, days),
    findNextStarts(db, projectId, shown.starts),
    listQueue(db, projectId, { withReported: true }),
    countPausedRules(db, projectId),
  ]);
  const passed = runDays.reduce((sum, day) => sum + day.passed, 0);
  const judged = runDays.reduce((sum, day) => sum + day.passed + day.failed, 0);
  return {
    /** Cases whose newest result is a failure, those that began last first; `newTotal`: since yesterday at this time. */
    failing: worst.failing,
    flakiest: worst.flaky,
    slowest: worst.slow,
    quarantined,
    /** Of runs, from 0 to 1; null without one that passed or failed. */
    passRate: judged === 0 ? null : passed / judged,
    /** The last 14 days in UTC, the oldest first. */
    days: runDays,
    nextStarts,
    queue,
    /** Rules for notifications that send nothing until an owner resumes them. */
    pausedRules,
  };
}
