import type { RunSummary, Verdict } from '#shared/events.ts';
import { isInHistory, summarizeHistory } from '#shared/run-history.ts';

/** Runs of the feed by their test, job or suite. */
export function groupRuns(
  runs: Iterable<RunSummary>,
  owner: 'testId' | 'jobId' | 'suiteId',
): ReadonlyMap<string, RunSummary[]> {
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const id = run[owner];
    if (id === null || !isInHistory(run)) continue;
    const group = groups.get(id);
    if (group) group.push(run);
    else groups.set(id, [run]);
  }
  return groups;
}

/** Fetched verdicts, newest first, with the feed's newer states and new runs of the same test or job. */
export function mergeVerdicts(fetched: readonly Verdict[], runs: readonly RunSummary[]): Verdict[] {
  const cancelled = new Set(runs.filter((run) => !isInHistory(run)).map(({ id }) => id));
  const kept = fetched.filter(({ runId }) => !cancelled.has(runId));
  const merged = new Map(kept.map((verdict) => [verdict.runId, verdict]));
  // A job can contain a test more than once; the feed has no verdicts of those repeats.
  const repeated = kept.filter((verdict) => merged.get(verdict.runId) !== verdict);
  // Ids rise with time; a run older than the fetched ones is in a part of the history that is not shown.
  const oldest = fetched.at(-1)?.runId ?? '';
  for (const run of runs) {
    if (cancelled.has(run.id)) continue;
    const known = merged.get(run.id);
    if (known ? known.version < run.version : run.id > oldest) merged.set(run.id, verdictOf(run));
  }
  return [...merged.values(), ...repeated].sort((a, b) => (a.runId < b.runId ? 1 : a.runId > b.runId ? -1 : 0));
}

function verdictOf({ id, status, version, queuedAt, startedAt, duration }: RunSummary): Verdict {
  return { runId: id, status, version, queuedAt, startedAt, duration };
}

/** For each verdict, oldest first, the pass rate (0 to 1) of the last `window` verdicts; null if none passed or failed. */
export function rollingPassRate(verdicts: readonly Verdict[], window: number): (number | null)[] {
  return verdicts.map(
    (_, index) => summarizeHistory(verdicts.slice(Math.max(0, index + 1 - window), index + 1)).passRate,
  );
}
