import { Link } from '@tanstack/react-router';
import { Radio } from 'lucide-react';
import { api } from '#client/query/trpc.ts';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { RunProgress } from '#client/runs/status/run-progress.tsx';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { buttonClass } from '#client/ui/button.tsx';
import { isTerminal } from '#shared/run-status.ts';

/** Waits for a reported run that is newer than the page, and then shows it as it goes on. */
export function FirstRun() {
  // Ids rise with time. The newest run of before does not count.
  const { data: before } = api.runs.list.useQuery({ kind: 'suite', limit: 1 }, { staleTime: Infinity, gcTime: 0 });
  const { runs } = useActivity();
  const newestBefore = before && (before.items[0]?.id ?? '');
  const run = [...runs.values()]
    .filter(({ kind, id }) => kind === 'suite' && newestBefore !== undefined && id > newestBefore)
    .sort((a, b) => (a.id < b.id ? 1 : -1))[0];
  return (
    <section
      aria-label="First run"
      className={`sticky bottom-4 z-10 card p-4 shadow-lg max-md:bottom-[calc(4.5rem+env(safe-area-inset-bottom))] sm:px-5 ${run ? 'border-good-line' : 'border-dashed border-line-strong'}`}
    >
      <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {run ? (
          <>
            <StatusBadge status={run.status} />
            <span className="min-w-0 flex-1 basis-60">
              <span className="font-medium">
                “{run.name}” {isTerminal(run.status) ? 'has reported its first run here.' : 'is live.'}
              </span>
              <RunCommit run={run} />
            </span>
          </>
        ) : (
          <>
            <Radio aria-hidden className="size-5 animate-pulse text-busy" />
            <span className="font-medium">Waiting for the first run…</span>
            <span className="text-sm text-muted max-sm:hidden">It appears here by itself when the tests begin.</span>
          </>
        )}
      </div>
      {run && (
        <div className="mt-3 space-y-3">
          <RunProgress run={run} />
          <Link to="/runs/$runId" params={{ runId: run.id }} className={buttonClass('primary')}>
            {isTerminal(run.status) ? 'Open the run' : 'Watch the run'}
          </Link>
        </div>
      )}
    </section>
  );
}
