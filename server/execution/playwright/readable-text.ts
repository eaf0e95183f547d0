import path from 'node:path';
import type { TestError } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import { plainText } from '#server/lib/storable-text.ts';
import { playwrightModules } from './playwright-modules.ts';
import type { SpecFile } from './run-folder.ts';

const longestTitle = 1_000;
const longestMessage = 20_000;
/** Names of files are replaced in this much of a text. Later text is cut off anyway. */
const longestSearched = 100_000;

/** Programs in the folder of a run. */
const ownPrograms = ['main', 'guard', 'code', 'browsers', 'modules', 'snapshots'].map((name) => `${name}.cjs`);

export interface ReadableText {
  /** The text with names of tests in place of files, without paths of this machine, and without secrets. */
  withNames(text: string): string;
  /** The same, without colour codes, at most 1,000 UTF-16 units. */
  title(text: string): string;
  /** The same, at most 20,000 UTF-16 units unless `maxChars` says otherwise. */
  message(text: string, maxChars?: number): string;
  error(error: TestError): TestError;
  /** Cases with such titles. */
  cases(listed: readonly ListedCase[]): ListedCase[];
}

/** Turns texts of Playwright into what users read and Postgres stores. */
export function createReadableText(options: {
  specs: readonly SpecFile[];
  /** The run's folder as Playwright sees it. */
  insideDir: string;
  redact: (text: string) => string;
}): ReadableText {
  const { specs, insideDir, redact } = options;
  const modules = playwrightModules().map(({ name, dir }) => ({ name, dir: `${dir}/` }));
  const inner = [
    ...modules.map(({ dir }) => dir),
    ...[...ownPrograms, 'reporter/'].map((name) => path.join(insideDir, name)),
  ];

  /** Lines that only name a file of Playwright or Runlight, such as those of a stack, are left out. */
  function withoutInnerFiles(text: string): string {
    if (!inner.some((file) => text.includes(file))) return text;
    const isPlace = (line: string) => /^\s*(at |- |From \/|Requiring \/)/.test(line);
    const lines = text.split('\n').filter((line) => !(isPlace(line) && inner.some((file) => line.includes(file))));
    return modules.reduce((result, { name, dir }) => result.replaceAll(dir, () => `${name}/`), lines.join('\n'));
  }

  function withNames(text: string): string {
    let result = withoutInnerFiles(redact(text.slice(0, longestSearched)));
    for (const { name, file, moduleFile } of specs)
      for (const spec of moduleFile === undefined ? [file] : [file, moduleFile]) {
        const inside = path.join(insideDir, spec);
        for (const known of [`file://${inside}`, inside, spec, path.basename(spec)])
          result = result.replaceAll(known, () => name);
      }
    return result.replaceAll(`${insideDir}/`, '') + redact(text.slice(longestSearched));
  }

  const message = (text: string, maxChars = longestMessage) => plainText(withNames(text), maxChars);

  const title = (text: string) => message(text, longestTitle);

  return {
    withNames,
    title,
    cases: (listed) => listed.map((it) => ({ ...it, titlePath: it.titlePath.map(title) })),
    message,
    error: (error) => ({
      ...error,
      message: message(withoutBaseline(error.message)).trimEnd(),
      snippet: error.snippet == null ? null : message(error.snippet),
    }),
  };
}

/** Says what to do where Playwright says that it has written a baseline, which is lost with the run's folder. */
function withoutBaseline(text: string): string {
  return text.replace(
    /A snapshot doesn't exist at (\S+), writing actual\./,
    (_, file: string) =>
      `There is no baseline "${path.basename(file)}" yet: accept what was taken on the page of the run.`,
  );
}
