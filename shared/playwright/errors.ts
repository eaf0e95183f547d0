import type { TestCase, TestError as PlaywrightError, TestResult } from '@playwright/test/reporter';
import type { TestError } from '#shared/events.ts';

const mostCauses = 10;
/** Of one attempt. */
const mostErrors = 50;

/** Where the code of a case is. */
export interface Source {
  /** The file of the case, absolute: errors name lines of it alone. */
  file: string | undefined;
  /** True if errors show the code of this file. */
  showsCodeOf(file: string): boolean;
}

/** The error with its causes, and with its line and column if it was thrown in the file of the case. */
export function toTestError(error: PlaywrightError, { file, showsCodeOf }: Source): TestError {
  const location = error.location?.file === file ? error.location : undefined;
  return {
    message: withCauses(error),
    snippet: error.location && showsCodeOf(error.location.file) ? (error.snippet ?? null) : null,
    line: location?.line ?? null,
    column: location?.column ?? null,
  };
}

/** The first errors of an attempt, in Playwright's order. */
export function errorsOf({ errors }: TestResult, source: Source): TestError[] {
  const shown = errors.slice(0, mostErrors).map((error) => toTestError(error, source));
  if (errors.length > mostErrors) shown.push({ message: `${errors.length - mostErrors} more errors are left out.` });
  return shown;
}

/** All errors of an attempt as one. After a timeout, a second error says what the case was waiting for. */
export function joinErrors(errors: readonly TestError[]): TestError | null {
  const located = errors.find(({ snippet }) => snippet) ?? errors[0];
  return located ? { ...located, message: errors.map(({ message }) => message).join('\n\n') } : null;
}

/** For a case that is marked with `test.fail()` and passes. Playwright gives it no error. */
export function unexpectedPass({ title, location }: TestCase): TestError {
  return { message: `"${title}" was expected to fail, but passed.`, line: location.line, column: location.column };
}

/** As Playwright prints it. */
function withCauses(error: PlaywrightError): string {
  const messages = [textOf(error)];
  // Playwright 1.48 and older have no causes.
  for (let cause = error.cause; cause && messages.length <= mostCauses; cause = cause.cause)
    messages.push(`[cause]: ${textOf(cause)}`);
  return messages.join('\n');
}

function textOf({ message, value, stack }: PlaywrightError): string {
  return message ?? value ?? stack ?? 'Unknown error';
}
