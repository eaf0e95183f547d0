import type { FullConfig, FullResult, Suite, TestError as PlaywrightError } from '@playwright/test/reporter';
import type { Plan } from '#shared/playwright/keep-chosen.ts';
import { toTestError } from '#shared/playwright/errors.ts';
import type { GroupedCase } from '#shared/suite-pipe.ts';
import { suitePipeLimits } from '#shared/suite-pipe-limits.ts';
import { errorEntry } from '#sdk/reporter/entries.ts';
import { ChosenCases } from './chosen-cases.ts';
import { groupedCases } from './grouped-cases.ts';
import { PipeReport } from './pipe-report.ts';
import type { PipeSettings } from './pipe-settings.ts';
import { changePlan, preprocess } from './run-plan.ts';

/** Of one message, in UTF-16 units. */
const messageChars = 1_000_000;

/** Tells the worker with `--list` which cases would run, and which of them belong together. */
export class CaseLister {
  readonly #settings: PipeSettings;
  readonly #choice: ChosenCases | undefined;
  #config: FullConfig | undefined;
  #report: PipeReport | undefined;

  constructor(settings: PipeSettings) {
    this.#settings = settings;
    this.#choice = settings.choice && new ChosenCases(settings.choice);
  }

  version(): 'v2' {
    return 'v2';
  }

  printsToStdio(): boolean {
    return false;
  }

  onConfigure(config: FullConfig): void {
    this.#config = config;
    const stop = () => globalThis.process.exit(130);
    this.#report = new PipeReport({ ...this.#settings, flush: () => {}, onCommand: stop, onGone: stop });
    const choice = this.#choice;
    if (choice) changePlan(config, (project, plan) => choice.keepIn(project, plan));
  }

  preprocess(run: { suite: Suite; testRun: Plan }): void {
    preprocess(run, (project, plan) => this.#choice?.keepIn(project, plan));
  }

  onBegin(suite: Suite): void {
    for (const cases of batchesOf(groupedCases(suite, this.#config!.rootDir)))
      this.#report?.send({ type: 'cases', cases });
  }

  onError(error: PlaywrightError): void {
    this.#report?.add(errorEntry(toTestError(error, { file: error.location?.file, showsCodeOf: () => true })));
  }

  async onEnd({ status }: FullResult): Promise<void> {
    await this.#report?.end(status, null);
  }
}

function* batchesOf(cases: readonly GroupedCase[]): Generator<GroupedCase[]> {
  let batch: GroupedCase[] = [];
  let chars = 0;
  for (const one of cases) {
    const length = JSON.stringify(one).length;
    if (batch.length === suitePipeLimits.casesPerMessage || chars + length > messageChars) {
      yield batch;
      batch = [];
      chars = 0;
    }
    batch.push(one);
    chars += length;
  }
  if (batch.length > 0) yield batch;
}
