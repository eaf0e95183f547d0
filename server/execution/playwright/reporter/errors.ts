import type { TestCase, TestError as PlaywrightError, TestResult } from '@playwright/test/reporter';
import type { TestError } from '#shared/events.ts';

/** The error, with its line and column if it was thrown in `file`. */
export function toTestError(error: PlaywrightError, file: string | undefined): TestError {
  const location = error.location?.file === file ? error.location : undefined;
  return {
    message: error.message ?? error.value ?? error.stack ?? 'Unknown error',
    snippet: error.snippet ?? null,
    line: location?.line ?? null,
    column: location?.column ?? null,
  };
}

/** All errors of an attempt as one. After a timeout, a second error says what the case was waiting for. */
export function joinErrors({ errors }: TestResult, file: string): TestError | null {
  const all = errors.map((error) => toTestError(error, file));
  const located = all.find(({ snippet }) => snippet) ?? all[0];
  return located ? { ...located, message: all.map(({ message }) => message).join('\n\n') } : null;
}

/** For a case that is marked with `test.fail()` and passes. Playwright gives it no error. */
export function unexpectedPass({ title, location }: TestCase): TestError {
  return { message: `"${title}" was expected to fail, but passed.`, line: location.line, column: location.column };
}
