import type { JobStatusEvent, RunEvent } from '#shared/events.ts';
import type { CaseChanges, PartState } from '#shared/run-cases.ts';
import { memoize } from '#server/live/memoize.ts';
import type { getCase } from './cases.ts';
import type { ErrorGroup } from './error-groups.ts';
import type { LogWindow } from './log-window.ts';
import type { getRunDetails } from './queries.ts';

// What guests do not learn: people and machines, variables and settings, other runs, and what the run was run of.

type RunDetails = Awaited<ReturnType<typeof getRunDetails>>;
type CaseDetails = Awaited<ReturnType<typeof getCase>>;

/** Who cancelled, as the reporter says it in the output, and the variable that a fetch from git lacks. */
const names = [/(the run was cancelled) by [^\n]*/g, /(The project has no variable) [^\s,]+/g];

const withoutNames = <T extends string | null | undefined>(text: T): T =>
  (text && names.reduce((rest: string, name) => rest.replaceAll(name, '$1'), text)) as T;

const partOf = (part: PartState): PartState => ({
  ...part,
  executor: null,
  errorDetails: withoutNames(part.errorDetails),
});

export function runForGuests(run: RunDetails): RunDetails {
  return {
    ...run,
    testId: null,
    jobId: null,
    suiteId: null,
    triggeredBy: null,
    cancelRequestedBy: null,
    retryOf: null,
    errorDetails: withoutNames(run.errorDetails),
    author: null,
    pullRequest: null,
    buildUrl: null,
    build: null,
    suiteRun: null,
    parts: run.parts.map(partOf),
    tests: run.tests.map((test) => ({ ...test, testId: null, settings: {}, scriptChanged: false })),
  };
}

export function caseForGuests(found: CaseDetails): CaseDetails {
  return { ...found, quarantine: null, command: null };
}

export function errorsForGuests({ items }: { items: ErrorGroup[] }): { items: ErrorGroup[] } {
  return { items: items.map((group) => ({ ...group, firstSeen: null })) };
}

/** All guests of a run get the same object, and so the same bytes. */
export const changesForGuests = memoize((changes: CaseChanges): CaseChanges => ({
  ...changes,
  ...(changes.parts && { parts: changes.parts.map(partOf) }),
}));

export const statusForGuests = memoize((status: JobStatusEvent): JobStatusEvent => ({
  ...status,
  errorDetails: withoutNames(status.errorDetails),
}));

export function entryForGuests(event: RunEvent): RunEvent {
  if (event.type === 'part') return { ...event, executor: null };
  if (event.type === 'status') return { ...event, errorDetails: withoutNames(event.errorDetails) };
  return event.type === 'log' ? { ...event, text: withoutNames(event.text) } : event;
}

export function windowForGuests(window: LogWindow): LogWindow {
  return { ...window, items: window.items.map(entryForGuests) };
}
