import { useNavigate } from '@tanstack/react-router';
import { toast } from '#client/ui/toast.ts';
import type { RunSummary } from '#shared/events.ts';
import { isSuccess } from '#shared/run-status.ts';
import { plural } from '#client/ui/format.ts';
import { claimAnnouncement } from './claim-announcement.ts';
import { statusLook } from '#client/runs/status/status-look.ts';

/** Shows a toast for each run, in one tab of the browser. Call it once per run, as `activity.ts` does. */
export function useAnnounceRuns(): (runs: readonly RunSummary[]) => void {
  const navigate = useNavigate();
  return (runs) => {
    for (const run of runs) void announce(run);
  };

  async function announce(run: RunSummary) {
    if (!(await claimAnnouncement(run.id))) return;
    const passed = isSuccess(run.status);
    toast[passed ? 'success' : run.status === 'cancelled' ? 'info' : 'error'](
      `${shortened(run.name)}${run.branch === null ? '' : ` on ${run.branch}`}: ${statusLook[run.status].label.toLowerCase()}`,
      {
        id: run.id,
        description: passed ? passedText(run) : failureText(run),
        action: { label: 'View', onClick: () => void navigate({ to: '/runs/$runId', params: { runId: run.id } }) },
      },
    );
  }
}

const shortened = (name: string) => (name.length > 60 ? `${name.slice(0, 60).trimEnd()}…` : name);

function passedText(run: RunSummary): string {
  return run.flaky > 0 ? `All tests passed, ${run.flaky} of them flaky.` : 'All tests executed successfully.';
}

function failureText(run: RunSummary): string {
  switch (run.status) {
    case 'cancelled':
      return run.cancelRequestedBy
        ? `${run.cancelRequestedBy} stopped it before it finished.`
        : 'The run was stopped before it finished.';
    case 'timed_out':
      return run.errorDetails ?? 'The run reached its time limit.';
    case 'failed':
      return [`${plural(run.failed, 'test')} failed.`, run.errorDetails].filter(Boolean).join(' ');
    default:
      return run.errorDetails ?? 'The run ended without a result.';
  }
}
