import path from 'node:path';
import type { TestError } from '#shared/events.ts';
import { plainText } from '#server/lib/storable-text.ts';
import type { SpecFile } from './run-folder.ts';
import { noBrowser } from './run-outcome.ts';

const longestTitle = 1_000;
const longestMessage = 20_000;
/** Names of files are replaced in this much of a text. Later text is cut off anyway. */
const longestSearched = 100_000;

export interface ReadableText {
  /** The text with names of tests in place of files, and without secrets. */
  withNames(text: string): string;
  /** The same, without colour codes, at most 1,000 UTF-16 units. */
  title(text: string): string;
  /** The same, at most 20,000 UTF-16 units unless `maxChars` says otherwise. */
  message(text: string, maxChars?: number): string;
  error(error: TestError): TestError;
}

/** Turns texts of Playwright into what users read and Postgres stores. */
export function createReadableText(options: {
  specs: readonly SpecFile[];
  /** The run's folder as Playwright sees it. */
  insideDir: string;
  redact: (text: string) => string;
  hasBrowser: boolean;
}): ReadableText {
  const { specs, insideDir, redact, hasBrowser } = options;

  function withNames(text: string): string {
    let result = redact(text.slice(0, longestSearched));
    for (const { name, file } of specs)
      for (const known of [path.join(insideDir, file), file, path.basename(file)])
        result = result.replaceAll(known, () => name);
    return result.replaceAll(`${insideDir}/`, '') + redact(text.slice(longestSearched));
  }

  const message = (text: string, maxChars = longestMessage) => plainText(withNames(text), maxChars);

  return {
    withNames,
    title: (text) => message(text, longestTitle),
    message,
    error: (error) => ({
      ...error,
      message:
        !hasBrowser && /executable doesn't exist/i.test(error.message) ? noBrowser : message(error.message).trimEnd(),
      snippet: error.snippet == null ? null : message(error.snippet),
    }),
  };
}
