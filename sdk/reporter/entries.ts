import type { RunEventBody, TestError } from '#shared/events.ts';
import type { ReportEntry } from '#shared/reports.ts';
import { reportLimits } from '#shared/report-limits.ts';

type EntryOf<Type extends ReportEntry['type']> = Extract<ReportEntry, { type: Type }>;
type EventOf<Type extends RunEventBody['type']> = Extract<RunEventBody, { type: Type }>;

const longestSnippet = 16_000;

/** Makes entries of a report that keep its limits. */

export function caseEntry(entry: EntryOf<'case'>): EntryOf<'case'> {
  return { ...entry, errors: entry.errors.slice(0, reportLimits.errorsPerCase).map(withinLimits) };
}

export function stepEntry(event: EventOf<'step'>): EntryOf<'step'> {
  const { type, id, parentId, status, duration, line, caseIndex, attempt } = event;
  return {
    type,
    id,
    parentId,
    status,
    duration,
    line,
    caseIndex: caseIndex ?? 0,
    attempt: attempt ?? 0,
    category: cut(event.category, 100),
    title: cut(event.title, reportLimits.title),
    error: event.error && withinLimits(event.error),
  };
}

/** Output comes in pieces that are short enough. */
export function logEntry({ type, stream, text, caseIndex, attempt }: EventOf<'log'>): EntryOf<'log'> {
  return { type, stream, text, caseIndex, attempt };
}

export function errorEntry(error: TestError): EntryOf<'error'> {
  return { type: 'error', error: withinLimits(error) };
}

function withinLimits({ message, snippet, line, column }: TestError): TestError {
  return {
    message: cut(message, reportLimits.errorMessage),
    snippet: snippet == null ? null : cut(snippet, longestSnippet),
    line,
    column,
  };
}

export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
}
