import type { TestError } from '#shared/events.ts';
import { cleanLine, cleanText } from '#shared/clean-text.ts';

/** Lines of one error that are shown. */
const mostLines = 60;

/** The message of an error with its code frame, as lines without colours of their own. */
export function errorLines(error: TestError, { colors = false } = {}): string[] {
  const message = cleanText(error.message, { colors }).trimEnd();
  const snippet = error.snippet ? cleanText(error.snippet, { colors }).replace(/\s+$/, '') : '';
  const lines = [...message.split('\n'), ...(snippet === '' ? [] : ['', ...snippet.split('\n')])];
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `… ${lines.length - mostLines} more lines`];
}

/** The first line of what a case failed with; empty without an error. */
export function firstErrorLine({ errors }: { errors: readonly TestError[] }): string {
  const message = errors[0]?.message ?? '';
  return cleanLine(cleanText(message).trimStart().split('\n', 1)[0] ?? '');
}
