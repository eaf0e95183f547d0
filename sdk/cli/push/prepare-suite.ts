import path from 'node:path';
import type { Host } from '#sdk/cli/process/host.ts';
import { suiteNameOf } from '#sdk/reporter/suite-name.ts';
import { findSuite, type SuiteFolder } from './find-suite.ts';
import { checkLimits } from './limits.ts';
import { type FileList, listFiles } from './list-files.ts';
import { hashTar } from './tar.ts';

export interface SuiteChoice {
  /** Where to look for it. */
  dir?: string | undefined;
  /** Relative to that. */
  config?: string | undefined;
  suite?: string | undefined;
}

/** A suite on this machine, looked through. */
export interface PreparedSuite extends SuiteFolder, FileList {
  name: string;
  /** Of the bundle. */
  hash: string;
  /** Of all files. */
  bytes: number;
}

/** As the reporter names it. */
export function nameOfSuite({ env }: Pick<Host, 'env'>, { root, dir }: SuiteFolder): string {
  return env['RUNLIGHT_SUITE'] || suiteNameOf(path.join(root, dir));
}

/** Finds a suite and reads its files. Throws a `CliError` that says why it cannot be pushed. */
export async function prepareSuite(
  { env }: Pick<Host, 'env'>,
  { dir = '.', config, suite }: SuiteChoice,
  onFile?: (done: number, all: number) => void,
): Promise<PreparedSuite> {
  const found = findSuite({ from: path.resolve(dir), config });
  const list = await listFiles(found, env);
  const { files } = list;
  checkLimits(files);
  let done = 0;
  const hash = await hashTar({ root: found.root, files, onFile: () => onFile?.((done += 1), files.length) });
  return {
    ...found,
    ...list,
    name: suite ?? nameOfSuite({ env }, found),
    hash,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  };
}
