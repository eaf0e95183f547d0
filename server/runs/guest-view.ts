import type { RunEvent } from '#shared/events.ts';
import type { CaseChanges, PartState } from '#shared/run-cases.ts';
import { memoize } from '#server/live/memoize.ts';
import type { getCase } from './cases.ts';
import type { ErrorGroup } from './error-groups.ts';
import type { LogWindow } from './log-window.ts';
import type { getRunDetails } from './queries.ts';

// What guests do not learn: people and machines, variables and settings, other runs, and what the run was run of.

type RunDetails = Awaited<ReturnType<typeof getRunDetails>>;
type CaseDetails = Awaited<ReturnType<typeof getCase>>;

const partOf = (part: PartState): PartState => ({ ...part, executor: null });

export function runForGuests(run: RunDetails): RunDetails {
  return {
    ...run,
    testId: null,
    jobId: null,
    suiteId: null,
    triggeredBy: null,
    cancelRequestedBy: null,
    retryOf: null,
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

/** The reporter says in the output by whom its run was cancelled. */
const cancelledBy = /(the run was cancelled) by [^\n]*/g;

export function entryForGuests(event: RunEvent): RunEvent {
  if (event.type === 'part') return { ...event, executor: null };
  if (event.type !== 'log' || !event.text.includes('the run was cancelled by ')) return event;
  return { ...event, text: event.text.replaceAll(cancelledBy, '$1.') };
}

export function windowForGuests(window: LogWindow): LogWindow {
  return { ...window, items: window.items.map(entryForGuests) };
}
