import { createContext, use, useMemo, type ReactNode } from 'react';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { useActivity } from '#client/runs/activity/use-activity.ts';

interface Jobs {
  /** The newest unfinished run of each job that has one, by job id. */
  activeRuns: ReadonlyMap<string, RunSummary>;
  runningJobs: ReadonlySet<string>;
  isAnyJobRunning: boolean;
}

const JobsContext = createContext<Jobs | null>(null);

/** Provides which jobs are running, derived from the activity in the query cache. */
export function JobsProvider({ children }: { children: ReactNode }) {
  const { runs } = useActivity();
  const jobs = useMemo(() => jobsOf(runs.values()), [runs]);
  return <JobsContext value={jobs}>{children}</JobsContext>;
}

/** The jobs that are running. Throws outside a JobsProvider. */
export function useJobs(): Jobs {
  const jobs = use(JobsContext);
  if (!jobs) throw new Error('useJobs needs a JobsProvider around it');
  return jobs;
}

/** The runs may be in any order. Ids increase with time. */
export function jobsOf(runs: Iterable<RunSummary>): Jobs {
  const activeRuns = new Map<string, RunSummary>();
  for (const run of runs) {
    if (!run.jobId || isTerminal(run.status)) continue;
    const known = activeRuns.get(run.jobId);
    if (!known || known.id < run.id) activeRuns.set(run.jobId, run);
  }
  return { activeRuns, runningJobs: new Set(activeRuns.keys()), isAnyJobRunning: activeRuns.size > 0 };
}
