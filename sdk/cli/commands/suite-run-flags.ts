import { type Command, InvalidArgumentError } from 'commander';
import { readArgs } from '#shared/playwright-args.ts';
import { shards as shardsInput, type SuiteOptions } from '#shared/suites.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';

/** Flags of `run` that only suites have. */
export interface SuiteRunFlags {
  suite?: string;
  config?: string;
  shards?: number | 'auto';
  /** Names of Playwright projects: see `program.ts`. */
  playwrightProjects?: string[];
  grep?: string;
  grepInvert?: string;
  bundle?: string;
  /** False with `--no-push`. */
  push?: boolean;
  branch?: string;
  lastFailed?: boolean;
}

export function addSuiteRunOptions(command: Command): Command {
  return command
    .option('--suite <name>', 'push and run the suite in this folder, under this name')
    .option('-c, --config <file>', "Playwright's config of the suite; default: the nearest one")
    .option(
      '--shards <number>',
      'parts of a run of a suite, for any workers; auto: as many as end it within 5 minutes',
      parseShards,
    )
    .option('-g, --grep <regexp>', 'only cases of a suite with titles that match')
    .option('--grep-invert <regexp>', 'only cases of a suite with titles that do not match')
    .option('--no-push', 'run the newest bundle of the suite; send nothing')
    .option('--branch <name>', 'run the newest bundle of this branch; send nothing')
    .option('--bundle <id>', 'run this bundle of the suite; send nothing')
    .option('--last-failed', 'run again what failed in the last run of the suite of this branch; send nothing');
}

function parseShards(text: string): number | 'auto' {
  const read = shardsInput.safeParse(text === 'auto' ? text : Number(text));
  if (!read.success) throw new InvalidArgumentError('It is a number from 1 to 64, or auto.');
  return read.data;
}

/** The first flag that was given and that only suites have; undefined: none. */
export function flagOfSuites(flags: SuiteRunFlags): string | undefined {
  const given = {
    '--suite': flags.suite,
    '--config': flags.config,
    '--shards': flags.shards,
    '--grep': flags.grep,
    '--grep-invert': flags.grepInvert,
    '--bundle': flags.bundle,
    '--no-push': flags.push === false || undefined,
    '--branch': flags.branch,
    '--last-failed': flags.lastFailed,
    '--project with the name of a Playwright project': flags.playwrightProjects,
  };
  return Object.entries(given).find(([, value]) => value !== undefined)?.[0];
}

/** What the run executes: files, flags, and Playwright's own options, which come after `--`. Throws for those that workers refuse. */
export function suiteOptionsOf(flags: SuiteRunFlags, files: readonly string[], words: readonly string[]): SuiteOptions {
  const read = readArgs(words);
  if ('problem' in read) throw new CliError(read.problem, exitCodes.wrongUse);
  const { options } = read;
  const projects = [...(flags.playwrightProjects ?? []), ...(options.projects ?? [])];
  const allFiles = [...files, ...(options.files ?? [])];
  return {
    ...options,
    ...(flags.grep !== undefined && { grep: flags.grep }),
    ...(flags.grepInvert !== undefined && { grepInvert: flags.grepInvert }),
    ...(projects.length > 0 && { projects }),
    ...(allFiles.length > 0 && { files: allFiles }),
  };
}
