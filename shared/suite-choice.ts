import type { SuiteChoice } from './suite-pipe.ts';

/** More files than this are not named: all are loaded then. */
const mostFiles = 100;

/**
 * Arguments of Playwright that go with a choice of cases (`RUNLIGHT_CHOICE`, by which the reporter chooses exactly). They name the
 * projects, so that chosen cases of a setup project run without projects that depend on it, and the files, so that no others are
 * loaded. They replace `--project` and file filters of the run's options.
 */
export function choiceArgs(choice: SuiteChoice): string[] {
  const projects = new Set(choice.map(({ project }) => project));
  const files = new Set(choice.map(({ file }) => file));
  return [
    // A project without a name cannot be named.
    ...(projects.has('') ? [] : [...projects].map((project) => `--project=${project}`)),
    ...(files.size > mostFiles ? [] : [...files].map(filterOf)),
  ];
}

/** Playwright takes a filter as a regular expression of the absolute path. The file is relative to its `rootDir`. */
function filterOf(file: string): string {
  // Without the folders above `rootDir`.
  const inside = file.replace(/^(?:\.\.\/)+/, '');
  const pattern = inside
    .split('/')
    .map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join(String.raw`[\\/]`);
  return String.raw`[\\/]${pattern}$`;
}
