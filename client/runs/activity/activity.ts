import type { RunSummary } from '#shared/events.ts';
import { isInHistory } from '#shared/run-history.ts';
import { isTerminal } from '#shared/run-status.ts';

/** The project's runs as the activity feed has reported them since the page was loaded. */
export interface Activity {
  /** The newest summary of each run that the feed has named. */
  runs: ReadonlyMap<string, RunSummary>;
  /** Runs that were started here or seen unfinished, until their end is announced. */
  watched: ReadonlySet<string>;
  announced: ReadonlySet<string>;
}

const mostRuns = 1_000;

interface Change {
  activity: Activity;
  /** Watched runs that ended with this change, each run once ever. */
  finished: RunSummary[];
}

export const noActivity: Activity = { runs: new Map(), watched: new Set(), announced: new Set() };

/** Applies summaries of the feed, in any order and with repeats: older versions change nothing. */
export function applyActivity(activity: Activity, summaries: readonly RunSummary[]): Change {
  const runs = new Map(activity.runs);
  const watched = new Set(activity.watched);
  for (const summary of summaries) {
    const known = runs.get(summary.id);
    if (known && known.version >= summary.version) continue;
    // Deleted first, so that the order of the map is the order of change.
    runs.delete(summary.id);
    runs.set(summary.id, summary);
    if (!isTerminal(summary.status)) watched.add(summary.id);
  }
  const change = announce({ ...activity, runs, watched });
  prune(runs);
  return change;
}

/** Removes the runs that ended longest ago, so that a page that is open for weeks does not hold all runs. */
function prune(runs: Map<string, RunSummary>) {
  for (const [id, run] of runs) {
    if (runs.size <= mostRuns) return;
    if (isTerminal(run.status)) runs.delete(id);
  }
}

/** Watches a run that was started here. The run can be over before the feed or the answer to its start arrives. */
export function watchRun(activity: Activity, runId: string): Change {
  return announce({ ...activity, watched: new Set(activity.watched).add(runId) });
}

function announce(activity: Activity): Change {
  const watched = new Set(activity.watched);
  const announced = new Set(activity.announced);
  const finished: RunSummary[] = [];
  for (const runId of activity.watched) {
    const run = activity.runs.get(runId);
    if (!run || !isTerminal(run.status)) continue;
    watched.delete(runId);
    if (!announced.has(runId)) finished.push(run);
    announced.add(runId);
  }
  return { activity: { runs: activity.runs, watched, announced }, finished };
}

/** The newer of two states of one run. */
export function newerRun<T extends RunSummary>(run: T, newest: RunSummary | undefined): T {
  if (!newest || newest.version <= run.version) return run;
  // A summary has only the first line of the error; a run with the whole text keeps it.
  return { ...run, ...newest, errorDetails: run.errorDetails ?? newest.errorDetails };
}

/**
 * A fetched list of runs, newest first, with the feed's newer states and new runs, and without runs that no longer
 * `belong`. `complete`: there is no further page.
 */
export function mergeRuns(
  items: readonly RunSummary[],
  activity: Activity,
  belongs: (run: RunSummary) => boolean,
  complete: boolean,
): RunSummary[] {
  const merged = new Map(items.map((run) => [run.id, newerRun(run, activity.runs.get(run.id))]));
  // Ids rise with time; a run older than the last one fetched belongs to a page that is not fetched yet.
  const oldest = complete ? '' : (items.at(-1)?.id ?? '');
  for (const run of activity.runs.values()) {
    if (!merged.has(run.id) && run.id > oldest) merged.set(run.id, run);
  }
  return [...merged.values()].filter(belongs).sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** The newer of a fetched last run and the feed's newest run of the same test or job; no retry that was cancelled. */
export function lastRunOf(
  fetched: RunSummary | null,
  activity: Activity,
  belongs: (run: RunSummary) => boolean,
): RunSummary | null {
  return mergeRuns(fetched ? [fetched] : [], activity, (run) => belongs(run) && isInHistory(run), true)[0] ?? null;
}
