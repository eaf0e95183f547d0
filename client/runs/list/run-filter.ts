import { parseTimeSearch, type TimeSearch, toSpan } from '#client/ui/time-span.ts';
import type { RunKind, RunSummary, RunTrigger } from '#shared/events.ts';
import { runKinds, runTriggers } from '#shared/run-kinds.ts';
import { runStatuses, type RunStatus } from '#shared/run-status.ts';

/** What the address of the list of runs says. */
export interface RunSearch extends TimeSearch {
  /** Statuses, joined by commas. */
  status?: string | undefined;
  kind?: RunKind | undefined;
  test?: string | undefined;
  job?: string | undefined;
  trigger?: RunTrigger | undefined;
  q?: string | undefined;
}

/** What `runs.list` is asked for, but for the page. */
export interface RunFilter {
  status?: RunStatus[];
  kind?: RunKind;
  testId?: string;
  jobId?: string;
  trigger?: RunTrigger[];
  search?: string;
  since?: string;
  until?: string;
}

const oneOf = <T extends string>(options: readonly T[], value: unknown): T | undefined =>
  options.find((option) => option === value);
const text = (value: unknown) => {
  const string = typeof value === 'number' ? String(value) : value;
  return typeof string === 'string' && string.trim() !== '' ? string.slice(0, 200) : undefined;
};
const id = (value: unknown) => {
  const known = text(value);
  return known && /^[\da-f-]{36}$/i.test(known) ? known : undefined;
};

/** The parts of an address that mean something; the rest is dropped, and so is what is empty. */
export function parseRunSearch(raw: Record<string, unknown>): RunSearch {
  const status = parseStatuses(text(raw['status'])).join(',');
  const search: RunSearch = {
    status: status === '' ? undefined : status,
    kind: oneOf(runKinds, raw['kind']),
    test: id(raw['test']),
    job: id(raw['job']),
    trigger: oneOf(runTriggers, raw['trigger']),
    ...parseTimeSearch(raw),
    q: text(raw['q']),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

/** Known statuses, each once. */
export function parseStatuses(joined: string | undefined): RunStatus[] {
  const named = new Set(joined?.split(','));
  return runStatuses.filter((status) => named.has(status));
}

/** What the address asks for, at a moment (epoch ms). */
export function toFilter(search: RunSearch, now: number): RunFilter {
  const status = parseStatuses(search.status);
  return {
    ...(status.length > 0 && { status }),
    ...(search.kind && { kind: search.kind }),
    ...(search.test && { testId: search.test }),
    ...(search.job && { jobId: search.job }),
    ...(search.trigger && { trigger: [search.trigger] }),
    ...(search.q && { search: search.q.trim() }),
    ...toSpan(search, now),
  };
}

/** Whether a run that the feed tells of belongs to the list, by the rules of `runs.list`. */
export function belongsTo(filter: RunFilter, run: RunSummary): boolean {
  const { status, kind, testId, jobId, trigger, search, since, until } = filter;
  return (
    (!status || status.includes(run.status)) &&
    (!kind || run.kind === kind) &&
    (!testId || run.testId === testId) &&
    (!jobId || run.jobId === jobId) &&
    (!trigger || trigger.includes(run.trigger)) &&
    (!since || Date.parse(run.queuedAt) >= Date.parse(since)) &&
    (!until || Date.parse(run.queuedAt) < Date.parse(until)) &&
    (!search || run.id === search.toLowerCase() || textOf(run).includes(search.toLowerCase()))
  );
}

const textOf = (run: RunSummary) => `${run.name} ${run.triggeredBy ?? ''}`.toLowerCase();
