import type { Database } from '#server/db/database.ts';
import { findWorstCases } from '#server/cases/list-cases.ts';
import { findQuarantinedCases } from '#server/cases/quarantine.ts';
import { findNextStarts } from '#server/jobs/next-starts.ts';
import { countPausedRules } from '#server/notifications/list-rules.ts';
import { listQueue } from '#server/queue/list.ts';
import { findRunDays } from '#server/runs/run-days.ts';

/** Days that the overview covers. */
const days = 14;
const dayMs = 24 * 3_600_000;
const shown = { cases: 8, starts: 6 };

/** Everything that needs attention in a project now. The cost does not grow with the number of runs. */
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
    /** Cases with a failure as their newest result, those that began to fail last come first; `newTotal`: since yesterday at this time. */
    failing: worst.failing,
    flakiest: worst.flaky,
    slowest: worst.slow,
    quarantined,
    /** Share of runs that passed, from 0 to 1; null if no run has passed or failed. */
    passRate: judged === 0 ? null : passed / judged,
    /** The last 14 days in UTC, the oldest first. */
    days: runDays,
    nextStarts,
    queue,
    /** Rules for notifications that send nothing until an owner resumes them. */
    pausedRules,
  };
}
