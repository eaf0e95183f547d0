import type { SuiteOptions } from '#shared/suites.ts';

/** What a run of a suite was asked to execute, as on Playwright's command line; empty: all of it. */
export function optionsText({ projects = [], grep, grepInvert, files = [], args = [] }: SuiteOptions): string {
  return [
    ...files,
    ...projects.map((project) => `--project=${project}`),
    ...(grep === undefined ? [] : [`--grep=${grep}`]),
    ...(grepInvert === undefined ? [] : [`--grep-invert=${grepInvert}`]),
    ...args,
  ]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
