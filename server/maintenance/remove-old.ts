import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { removeOldAuditEvents } from '#server/audit/queries.ts';
import type { Database } from '#server/db/database.ts';
import { removeOldMissedStarts } from '#server/jobs/missed-starts.ts';
import { removeOldDeliveries } from '#server/notifications/deliveries.ts';
import { removeOldBundles } from '#server/suites/remove-bundles.ts';
import { removeOldRuns } from './retention.ts';

/** Age of files of which a killed process has received a part, in ms. */
const leftoversMs = 24 * 3_600_000;

/** Between removals of leftovers, which a bucket has to be asked for, in ms. */
const leftoversEveryMs = 3_600_000;

/** For how long runs are removed before other things have their turn, in ms. */
const runsForMs = 60_000;

/** Removes, each time that it is called, what is older than the days say, until `signal` aborts. */
export function createRemoval(
  { db, artifacts }: { db: Database; artifacts: ArtifactStore },
  days: { ofRuns: number; ofAudit: number },
): (signal: AbortSignal) => Promise<void> {
  let leftoversAt = -Infinity;
  return async (signal) => {
    await removeOldAuditEvents(db, days.ofAudit);
    await removeOldMissedStarts(db, days.ofRuns);
    await removeOldDeliveries(db, days.ofRuns);
    await removeOldRuns({ db, artifacts }, days.ofRuns, AbortSignal.any([signal, AbortSignal.timeout(runsForMs)]));
    await removeOldBundles({ db, artifacts });
    if (Date.now() - leftoversAt < leftoversEveryMs) return;
    await artifacts.removeLeftovers(leftoversMs);
    leftoversAt = Date.now();
  };
}
