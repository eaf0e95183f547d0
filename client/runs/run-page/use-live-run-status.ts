import { api, type Outputs } from '#client/query/trpc.ts';
import type { JobStatusEvent } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

type Run = Outputs['runs']['byId'];

/** Follows the state of one run into the cache, and calls `onUpdate` once per state. Opens no stream for `null`. */
export function useLiveRunStatus(runId: string | null, onUpdate: (event: JobStatusEvent) => void) {
  const utils = api.useUtils();
  api.runs.onStatus.useSubscription(
    { runId: runId ?? '' },
    {
      enabled: runId !== null,
      onData: ({ data: event }) => {
        if (!runId) return;
        utils.runs.byId.setData({ runId }, (run) => run && withStatus(run, event));
        // A status event has no tests, no artifacts and no whole error; these are read once the run is over.
        if (isTerminal(event.status)) void utils.runs.byId.invalidate({ runId });
        onUpdate(event);
      },
    },
  );
}

/** The run in the event's state, unless the run's state is newer. */
function withStatus(run: Run, event: JobStatusEvent): Run {
  const stale = event.version != null ? event.version <= run.version : isTerminal(run.status);
  if (stale || event.status === 'waiting') return run;
  return {
    ...run,
    status: event.status,
    version: event.version ?? run.version,
    duration: event.duration ?? run.duration,
    startedAt: event.startedAt ?? run.startedAt,
    completedAt: event.completedAt ?? run.completedAt,
    errorDetails: event.errorDetails ?? run.errorDetails,
    total: event.total ?? run.total,
    passed: event.passed ?? run.passed,
    failed: event.failed ?? run.failed,
    skipped: event.skipped ?? run.skipped,
    flaky: event.flaky ?? run.flaky,
  };
}
