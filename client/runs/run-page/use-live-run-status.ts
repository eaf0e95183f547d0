import { api, type Outputs } from '#client/query/trpc.ts';
import type { JobStatusEvent } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

type Run = Outputs['runs']['byId'];

/** Follows the state of one run into the cache; `onUpdate` hears of every state once. Opens no stream for `null`. */
export function useLiveRunStatus(runId: string | null, onUpdate: (event: JobStatusEvent) => void) {
  const utils = api.useUtils();
  api.runs.onStatus.useSubscription(
    { runId: runId ?? '' },
    {
      enabled: runId !== null,
      onData: ({ data: event }) => {
        if (!runId) return;
        utils.runs.byId.setData({ runId }, (run) => run && withStatus(run, event));
        // What a status event does not carry (tests, artifacts, the whole error) is read when it is final.
        if (isTerminal(event.status)) void utils.runs.byId.invalidate({ runId });
        onUpdate(event);
      },
    },
  );
}

/** The run in the state that an event tells of, unless the run is known in a newer one. */
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
