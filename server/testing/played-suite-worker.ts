import { join } from 'node:path';
import type { ReportEntry } from '#shared/reports.ts';
import { createLocalArtifactStore } from '#server/artifacts/local-store.ts';
import { defaultLimits } from '#server/config/run-limits.ts';
import { appendReport } from '#server/reports/append-report.ts';
import { finishReport } from '#server/reports/finish-report.ts';
import { claimPart } from '#server/suites/claim-part.ts';
import type { TestSystem } from './resources.ts';

/** Claims a part as a worker does, and reports it by the functions that a worker calls; undefined if it is not to be had. */
export async function playSuiteWorker(app: TestSystem, runId: string, part = 0, worker = 'worker-1') {
  const claimed = await claimPart(app.services, { runId, part, workerId: worker, executor: `host of ${worker}` });
  if (!claimed) return undefined;
  const { session, projectId } = claimed;
  const artifacts = createLocalArtifactStore({ dir: join(app.dataDir, 'artifacts') });
  const deps = { ...app.services, limits: defaultLimits, artifacts };
  const of = { runId, part, session };
  let sent = 0;
  return {
    claimed,
    async report(...entries: ReportEntry[]) {
      await appendReport(deps, projectId, { ...of, after: sent, entries });
      sent += entries.length;
    },
    finish: (status: 'passed' | 'failed' | 'timedout' | 'interrupted' = 'passed') =>
      finishReport(deps, projectId, { ...of, after: sent, status, undelivered: null }),
  };
}
