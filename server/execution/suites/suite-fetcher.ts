import { suiteProgram } from './suite-program.ts';

/** The program that fetches suites from git in the sandbox (`sdk/cli/push/git/fetch-program.ts`). */
export function suiteFetcher(): string {
  return suiteProgram('dist/suite/fetch.cjs', ['sdk/cli/push', 'sdk/cli/process', 'sdk/cli/text', 'sdk/reporter/ci']);
}
