import { suiteProgram } from './suite-program.ts';

/**
 * The file of the reporter for suites that this worker runs (`PW_TEST_REPORTER`): alone, for any Playwright since 1.42. It must stay
 * below a folder of the name `node_modules`, since Playwright would compile it elsewhere.
 */
export function suiteReporter(): string {
  return suiteProgram('dist/suite/node_modules/runlight-reporter.cjs', ['sdk/reporter', 'sdk/live']);
}
