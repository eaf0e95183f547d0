import type { RunSummary, Verdict } from '#shared/events.ts';
import { summarizeHistory } from '#shared/run-history.ts';
import type { RunStatus } from '#shared/run-status.ts';

/** Runs of the feed by the test, or the job, whose own they are. */
export function groupRuns(runs: Iterable<RunSummary>, owner: 'testId' | 'jobId'): ReadonlyMap<string, RunSummary[]> {
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const id = run[owner];
    if (id === null) continue;
    const group = groups.get(id);
    if (group) group.push(run);
    else groups.set(id, [run]);
  }
  return groups;
}

/** Fetched verdicts, newest first, brought up to date by what the feed says of runs of the same test or job. */
export function mergeVerdicts(fetched: readonly Verdict[], runs: readonly RunSummary[]): Verdict[] {
  const merged = new Map(fetched.map((verdict) => [verdict.runId, verdict]));
  // A test may stand in a job more than once; nothing is known of its verdicts there but what was fetched.
  const repeated = fetched.filter((verdict) => merged.get(verdict.runId) !== verdict);
  // Ids rise with time; an older run than the fetched ones belongs to a part of the history that is not shown.
  const oldest = fetched.at(-1)?.runId ?? '';
  for (const run of runs) {
    const known = merged.get(run.id);
    if (known ? known.version < run.version : run.id > oldest) merged.set(run.id, verdictOf(run));
  }
  return [...merged.values(), ...repeated].sort((a, b) => (a.runId < b.runId ? 1 : a.runId > b.runId ? -1 : 0));
}

function verdictOf({ id, status, version, queuedAt, startedAt, duration }: RunSummary): Verdict {
  return { runId: id, status, version, queuedAt, startedAt, duration };
}

/** How many verdicts there are of each status, the most frequent first. */
export function countStatuses(verdicts: readonly Pick<Verdict, 'status'>[]): [status: RunStatus, count: number][] {
  const counts = new Map<RunStatus, number>();
  for (const { status } of verdicts) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** For each verdict, oldest first, the pass rate (0 to 1) of the `window` ones up to it; null where none was judged. */
export function rollingPassRate(verdicts: readonly Verdict[], window: number): (number | null)[] {
  return verdicts.map(
    (_, index) => summarizeHistory(verdicts.slice(Math.max(0, index + 1 - window), index + 1)).passRate,
  );
}
