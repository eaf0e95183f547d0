import path from 'node:path';
import type { FullConfig } from '@playwright/test/reporter';
import { cancelledBy, interruptPlaywright } from '#sdk/reporter/commands.ts';
import { errorEntry } from '#sdk/reporter/entries.ts';
import { htmlReportDir } from '#sdk/reporter/html-report.ts';
import type { Destination, RunState } from '#sdk/reporter/playwright-events.ts';
import { PipeReport } from './pipe-report.ts';
import type { PipeSettings } from './pipe-settings.ts';

/** After the worker has gone, for Playwright to end, in ms. */
const goneMs = 30_000;

/** The worker that runs the suite. */
export class WorkerDestination implements Destination {
  readonly #settings: PipeSettings;
  #report: PipeReport | undefined;

  constructor(settings: PipeSettings) {
    this.#settings = settings;
  }

  open(_config: FullConfig, { isRunning, flush }: RunState): PipeReport {
    this.#report = new PipeReport({
      ...this.#settings,
      flush,
      onCommand: ({ by }) => interruptPlaywright(cancelledBy(by), isRunning),
      onGone: () => {
        interruptPlaywright('the worker of this run is gone.', isRunning);
        setTimeout(() => globalThis.process.exit(130), goneMs).unref();
      },
    });
    return this.#report;
  }

  htmlReportDir(config: FullConfig): string | undefined {
    const { env, cwd } = globalThis.process;
    return htmlReportDir(config, env, config.configFile ? path.dirname(config.configFile) : cwd());
  }

  close(): void {}

  addError(message: string): void {
    this.#report?.add(errorEntry({ message }));
  }

  addNotice(text: string): void {
    this.#report?.add({ type: 'log', stream: 'stderr', text: `${text}\n` });
  }
}
