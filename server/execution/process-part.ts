import os from 'node:os';
import { endPart } from '#server/reports/end-part.ts';
import type { RunWriter } from '#server/runs/commit-run.ts';
import { claimPart } from '#server/suites/claim-part.ts';

/**
 * Takes a part of a suite's run. Does nothing for one that does not wait any more, so a part is executed at most once for each
 * claim, however often the queue delivers it.
 */
export async function processPart(deps: RunWriter & { workerId: string }, runId: string, part: number): Promise<void> {
  const claimed = await claimPart(deps, { runId, part, workerId: deps.workerId, executor: os.hostname() });
  if (!claimed) return;
  await endPart(
    deps,
    { runId, part, session: claimed.session },
    { status: 'error', code: 'execution_failed', details: 'Workers of this version of Runlight execute no suites.' },
  );
}
