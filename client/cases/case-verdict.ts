import { testStatusLook, shownTestStatus } from '#client/runs/status/status-look.ts';
import type { ShownVerdict } from '#client/runs/history/verdict-label.ts';
import type { Outputs } from '#client/query/trpc.ts';
import type { RunStatus, TestStatus } from '#shared/run-status.ts';

export type CaseVerdict = Outputs['cases']['history']['verdicts'][number];

/** The results of a case as strips and plots show the results of runs. */
export function shownVerdict(verdict: Omit<CaseVerdict, 'branch' | 'commitSha'>): ShownVerdict {
  const { runId, status, flaky, quarantined, duration, at } = verdict;
  const runStatus = runStatusOf(status);
  const own = { runId, status: runStatus, version: 0, queuedAt: at, startedAt: at, duration, flaky, quarantined };
  if (runStatus !== 'cancelled') return own;
  return { ...own, label: testStatusLook[shownTestStatus({ status, duration })].label };
}

/** `cancelled` stands for all that says nothing about the case. */
function runStatusOf(status: TestStatus): RunStatus {
  switch (status) {
    case 'pending':
      return 'queued';
    case 'skipped':
    case 'interrupted':
      return 'cancelled';
    default:
      return status;
  }
}
