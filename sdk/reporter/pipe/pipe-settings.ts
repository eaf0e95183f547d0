import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { SuiteBrowsers, SuiteChoice } from '#shared/suite-pipe.ts';
import { suitePipeVariables } from '#shared/suite-pipe-limits.ts';

export interface PipeSettings {
  fd: number;
  filesDir: string;
  /** Undefined: all that the suite names. */
  browsers: SuiteBrowsers | undefined;
  /** Undefined: all cases. */
  choice: SuiteChoice | undefined;
}

/**
 * Takes the worker's variables out of the environment: processes that the suite starts have another file under that number.
 * Undefined: there is no worker.
 */
export function takeSettings(env: NodeJS.ProcessEnv): PipeSettings | undefined {
  const [fd, filesDir, browsers, choice] = (['pipe', 'files', 'browsers', 'choice'] as const).map((name) => {
    const value = env[suitePipeVariables[name]];
    delete env[suitePipeVariables[name]];
    return value;
  });
  delete env['PW_TEST_REPORTER'];
  if (!fd) return undefined;
  return {
    fd: Number(fd),
    filesDir: filesDir ?? path.join(os.tmpdir(), `runlight-files-${globalThis.process.pid}`),
    browsers: browsers ? (JSON.parse(browsers) as SuiteBrowsers) : undefined,
    choice: choice ? (JSON.parse(readFileSync(choice, 'utf8')) as SuiteChoice) : undefined,
  };
}
