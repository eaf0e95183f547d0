import { branchParam, commitParam, idParam, oneOfParam, type RawSearch, textParam } from '#client/ui/search-params.ts';
import { parseTimeSearch, type TimeSearch, toSpan } from '#client/ui/time-span.ts';
import type { RunKind, RunSummary, RunTrigger } from '#shared/events.ts';
import { runKinds, runTriggers } from '#shared/run-kinds.ts';
import { runStatuses, type RunStatus } from '#shared/run-status.ts';

/** The filter of the list of runs, as it stands in the address. */
export interface RunSearch extends TimeSearch {
  /** Statuses, joined by commas. */
  status?: string | undefined;
  kind?: RunKind | undefined;
  test?: string | undefined;
  job?: string | undefined;
  suite?: string | undefined;
  branch?: string | undefined;
  /** The beginning of the hash of a commit. */
  commit?: string | undefined;
  trigger?: RunTrigger | undefined;
  q?: string | undefined;
}

/** The input of `runs.list` without the page. */
export interface RunFilter {
  status?: RunStatus[];
  kind?: RunKind;
  testId?: string;
  jobId?: string;
  suiteId?: string;
  branch?: string;
  commit?: string;
  trigger?: RunTrigger[];
  search?: string;
  since?: string;
  until?: string;
}

/** Drops parameters that are unknown or invalid. */
export function parseRunSearch(raw: RawSearch): RunSearch {
  return {
    status: parseStatuses(raw['status']).join(',') || undefined,
    kind: oneOfParam(runKinds, raw['kind']),
    test: idParam(raw['test']),
    job: idParam(raw['job']),
    suite: idParam(raw['suite']),
    branch: branchParam(raw['branch']),
    commit: commitParam(raw['commit']),
    trigger: oneOfParam(runTriggers, raw['trigger']),
    ...parseTimeSearch(raw),
    q: textParam(raw['q']),
  };
}

/** Known statuses, each once. */
export function parseStatuses(joined: string | undefined): RunStatus[] {
  const named = new Set(joined?.split(','));
  return runStatuses.filter((status) => named.has(status));
}

/** `now` is in epoch ms; time spans end there. */
export function toFilter(search: RunSearch, now: number): RunFilter {
  const status = parseStatuses(search.status);
  return {
    ...(status.length > 0 && { status }),
    ...(search.kind && { kind: search.kind }),
    ...(search.test && { testId: search.test }),
    ...(search.job && { jobId: search.job }),
    ...(search.suite && { suiteId: search.suite }),
    ...(search.branch && { branch: search.branch }),
    ...(search.commit && { commit: search.commit }),
    ...(search.trigger && { trigger: [search.trigger] }),
    ...(search.q && { search: search.q.trim() }),
    ...toSpan(search, now),
  };
}

/** Whether a run of the activity feed matches the filter, by the rules of `runs.list`. */
export function belongsTo(filter: RunFilter, run: RunSummary): boolean {
  const { status, kind, testId, jobId, suiteId, branch, commit, trigger, search, since, until } = filter;
  return (
    (!status || status.includes(run.status)) &&
    (!kind || run.kind === kind) &&
    (!testId || run.testId === testId) &&
    (!jobId || run.jobId === jobId) &&
    (!suiteId || run.suiteId === suiteId) &&
    (!branch || run.branch === branch) &&
    (!commit || run.commitSha?.startsWith(commit) === true) &&
    (!trigger || trigger.includes(run.trigger)) &&
    (!since || Date.parse(run.queuedAt) >= Date.parse(since)) &&
    (!until || Date.parse(run.queuedAt) < Date.parse(until)) &&
    (!search || run.id === search.toLowerCase() || textOf(run).includes(search.toLowerCase()))
  );
}

const textOf = (run: RunSummary) => `${run.name} ${run.triggeredBy ?? ''}`.toLowerCase();
