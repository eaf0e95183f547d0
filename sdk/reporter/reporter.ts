import type { FullConfig } from '@playwright/test/reporter';
import { suitePipeVariables } from '#shared/suite-pipe-limits.ts';
import { htmlReportDir } from './html-report.ts';
import type { ReporterOptions } from './options.ts';
import { type Destination, PlaywrightEvents, type RunState } from './playwright-events.ts';
import { Report } from './report.ts';
import type { ReportSink } from './report-sink.ts';
import { say } from './say.ts';
import { readSettings, type Settings } from './settings.ts';

/** Two entries in a configuration, or one that is also in the command line, report once. */
const reporting = Symbol.for('runlight.reporter');

/** What Playwright adds to the options. */
type GivenOptions = ReporterOptions & { configDir?: string; _mode?: string; _isTestServer?: boolean };

/** Playwright's reporter of `runlight/reporter`. */
export class RunlightReporter extends PlaywrightEvents {
  constructor(options: GivenOptions = {}) {
    // A worker of Runlight reports what it runs.
    const isOnWorker = suitePipeVariables.pipe in globalThis.process.env;
    super(isRun(options) && !isOnWorker ? destinationOf(options) : undefined);
  }
}

/** Whether Playwright runs tests, and not only lists them. */
function isRun({ _mode, _isTestServer }: GivenOptions): boolean {
  if (_isTestServer || _mode === 'list' || _mode === 'ui') return false;
  // Playwright 1.42 gives no mode.
  return _mode !== undefined || !globalThis.process.argv.includes('--list');
}

/** Whether `npx playwright merge-reports` plays what the shards have done. */
function isMerge({ _mode }: GivenOptions): boolean {
  // Earlier versions give no mode.
  return _mode === 'merge' || (_mode === undefined && globalThis.process.argv.includes('merge-reports'));
}

function destinationOf(options: GivenOptions): Destination | undefined {
  const { process } = globalThis;
  try {
    if (!claim()) return undefined;
    return new RunlightDestination(
      readSettings(options, process.env, options.configDir ?? process.cwd()),
      isMerge(options),
    );
  } catch (error) {
    say(`not reported: ${error instanceof Error ? error.message : String(error)} The tests go on.`);
    return undefined;
  }
}

/** Runlight, over HTTP. */
class RunlightDestination implements Destination {
  readonly #settings: Settings;
  readonly #merged: boolean;

  constructor(settings: Settings, merged: boolean) {
    this.#settings = settings;
    this.#merged = merged;
  }

  open(config: FullConfig, run: RunState): ReportSink {
    const settings = this.#settings;
    return new Report({
      settings,
      // Of a merged report, that of one of its shards.
      shard: this.#merged ? null : config.shard,
      merged: this.#merged,
      versions: { playwright: config.version, reporter: settings.version, node: globalThis.process.version },
      run,
    });
  }

  htmlReportDir(config: FullConfig): string | undefined {
    const { sendsReport, dir } = this.#settings;
    return sendsReport ? htmlReportDir(config, globalThis.process.env, dir) : undefined;
  }

  close(): void {
    delete (globalThis as { [reporting]?: boolean })[reporting];
  }
}

/** False if another reporter of this process reports already. */
function claim(): boolean {
  const shared = globalThis as { [reporting]?: boolean };
  const isFree = shared[reporting] !== true;
  shared[reporting] = true;
  return isFree;
}
