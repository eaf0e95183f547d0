import type { Command } from 'commander';
import type { WatchOptions } from '#sdk/cli/watch/watch-run.ts';
import type { GlobalOptions } from './command-context.ts';
import { parseDuration } from './parse-duration.ts';

/** Flags of commands that show a run while it goes on. */
export interface WatchFlags extends GlobalOptions, Omit<WatchOptions, 'timeoutMs'> {
  timeout?: number | undefined;
}

export function addWatchOptions(command: Command, { timeout }: { timeout: string }): Command {
  return command
    .option('--json', 'print the run, each entry of its log and its end as a line of JSON each')
    .option('--log', 'print what the tests print, too')
    .option('--verbose', 'without a terminal: print a line for each case, not only for failures')
    .option('--timeout <time>', timeout, parseDuration)
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--code-quality <file>', "write the failures as GitLab's code quality report")
    .option('--test-dir <dir>', 'where the tests of a suite stand in the repository, for names of files in reports');
}

export function toWatchOptions({ timeout, ...flags }: WatchFlags): WatchOptions {
  return { ...flags, timeoutMs: timeout };
}
