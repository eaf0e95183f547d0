import { PlaywrightEvents } from '#sdk/reporter/playwright-events.ts';
import { CaseLister } from './case-lister.ts';
import { PipeReporter } from './pipe-reporter.ts';
import { takeSettings } from './pipe-settings.ts';

/**
 * The reporter of suites that workers run. Playwright makes it with `new`, as the last of its reporters if `PW_TEST_REPORTER` is
 * its file; 1.42 then gives it no options. Without a worker it reports nothing.
 */
export default function SuiteReporter({ _mode }: { _mode?: string } = {}): object {
  const { argv, env } = globalThis.process;
  const settings = takeSettings(env);
  if (!settings) return new PlaywrightEvents(undefined);
  const isListing = _mode === 'list' || (_mode === undefined && argv.includes('--list'));
  return isListing ? new CaseLister(settings) : new PipeReporter(settings);
}
