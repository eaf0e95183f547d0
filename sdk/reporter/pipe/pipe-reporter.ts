import { existsSync } from 'node:fs';
import type { FullConfig, FullResult, Suite, TestCase, TestError, TestResult } from '@playwright/test/reporter';
import type { Plan } from '#shared/playwright/keep-chosen.ts';
import { PlaywrightEvents } from '#sdk/reporter/playwright-events.ts';
import { ChosenCases } from './chosen-cases.ts';
import { missingBrowser } from './missing-browsers.ts';
import type { PipeSettings } from './pipe-settings.ts';
import { changePlan, preprocess } from './run-plan.ts';
import { WorkerDestination } from './worker-destination.ts';

/** Reports the run of a suite to its worker, which says what is to run. */
export class PipeReporter extends PlaywrightEvents {
  readonly #settings: PipeSettings;
  readonly #worker: WorkerDestination;
  readonly #choice: ChosenCases | undefined;
  #config: FullConfig | undefined;
  /** Why nothing is run. */
  readonly #refusals = new Set<string>();
  readonly #planned: Suite[] = [];
  #hasNoticedVideo = false;

  constructor(settings: PipeSettings) {
    const worker = new WorkerDestination(settings);
    super(worker);
    this.#settings = settings;
    this.#worker = worker;
    this.#choice = settings.choice && new ChosenCases(settings.choice);
  }

  override onConfigure(config: FullConfig): void {
    super.onConfigure(config);
    this.#config = config;
    if (!this.#choice && !this.#settings.browsers) return;
    try {
      changePlan(config, (project, plan) => this.#plan(project, plan));
    } catch (error) {
      this.#worker.addError((error as Error).message);
      globalThis.process.exit(1);
    }
  }

  /** Since Playwright 1.62. */
  preprocess(run: { suite: Suite; testRun: Plan }): void {
    preprocess(run, (project, plan) => this.#plan(project, plan));
  }

  override onBegin(suite: Suite): void {
    super.onBegin(suite);
    const missing = this.#refusals.size === 0 ? this.#choice?.missingIn(suite) : undefined;
    if (missing !== undefined) this.#worker.addError(missing);
  }

  override onTestEnd(testCase: TestCase, result: TestResult): void {
    super.onTestEnd(testCase, result);
    const { noVideo, worker } = this.#settings.browsers ?? {};
    if (this.#hasNoticedVideo || noVideo === undefined || !existsSync(noVideo)) return;
    this.#hasNoticedVideo = true;
    this.#worker.addNotice(
      `Videos are not recorded: the worker ${worker} has no FFmpeg. Run \`npx playwright install ffmpeg\` there, or set INSTALL_BROWSERS=ffmpeg.`,
    );
  }

  override onError(error: TestError): void {
    // Playwright misses the tests that were left out.
    if (this.#refusals.size === 0) super.onError(error);
  }

  override async onEnd(result: FullResult): Promise<void> {
    for (const refusal of this.#refusals) this.#worker.addError(refusal);
    await super.onEnd(this.#refusals.size > 0 ? { ...result, status: 'failed' } : result);
  }

  #plan(project: Suite, plan: Plan): void {
    this.#choice?.keepIn(project, plan);
    if (!project.parent?.suites.includes(project)) return;
    this.#planned.push(project);
    for (const refusal of this.#missingBrowsers(project)) this.#refusals.add(refusal);
    if (this.#refusals.size > 0) for (const planned of this.#planned.splice(0)) plan.exclude(planned);
  }

  /** Of the project, and of those it depends on. */
  #missingBrowsers(suite: Suite): string[] {
    const { browsers } = this.#settings;
    const project = suite.project();
    const runs = suite.allTests().some(({ expectedStatus }) => expectedStatus !== 'skipped');
    if (!browsers || !project || !runs) return [];
    const all = [project];
    // The list grows while it is read.
    for (const { dependencies } of all)
      for (const other of this.#config?.projects ?? [])
        if (dependencies.includes(other.name) && !all.includes(other)) all.push(other);
    return all.flatMap((one) => missingBrowser(one, browsers) ?? []);
  }
}
