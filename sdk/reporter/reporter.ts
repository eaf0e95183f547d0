import type {
  FullConfig,
  FullResult,
  Suite,
  TestCase,
  TestError as PlaywrightError,
  TestResult,
  TestStep,
} from '@playwright/test/reporter';
import { AttachmentList, fileNameOf, kindOf } from '#shared/playwright/attachments.ts';
import { toTestError } from '#shared/playwright/errors.ts';
import { isNews, type KnownCase, type Place, stateOf } from '#shared/playwright/known-case.ts';
import { Output } from '#shared/playwright/output.ts';
import { Steps } from '#shared/playwright/steps.ts';
import { reportLimits } from '#shared/report-limits.ts';
import { caseEntry, cut, errorEntry, logEntry, stepEntry } from './entries.ts';
import { htmlReportDir, htmlReportFiles } from './html-report.ts';
import { Report } from './report.ts';
import { say } from './say.ts';
import type { ReporterOptions } from './options.ts';
import { readSettings, type Settings } from './settings.ts';
import { SuiteCases } from './suite-cases.ts';

/** As for scripts; Runlight itself holds to its own limits. */
const shownOutputBytes = 5_000_000;
const shownSteps = 500_000;

/** Two entries in a configuration, or one that is also in the command line, report once. */
const reporting = Symbol.for('runlight.reporter');

/** What Playwright adds to the options. */
type GivenOptions = ReporterOptions & { configDir?: string; _mode?: string; _isTestServer?: boolean };

/** Whether Playwright runs tests, and not only lists them. */
function isRun({ _mode, _isTestServer }: GivenOptions): boolean {
  if (_isTestServer || _mode === 'list' || _mode === 'ui') return false;
  // Playwright 1.42 gives no mode.
  return _mode !== undefined || !globalThis.process.argv.includes('--list');
}

/**
 * Playwright's reporter of `runlight/reporter`. Each method catches its own errors: nothing that happens here reaches Playwright,
 * its exit code or its output.
 */
export class RunlightReporter {
  readonly #settings: Settings | undefined;
  readonly #attachments = new AttachmentList();
  readonly #output: Output;
  readonly #steps: Steps;
  readonly #startedAt = Date.now();
  #config: FullConfig | undefined;
  #report: Report | undefined;
  #cases: SuiteCases | undefined;
  #files = 0;
  #isRunning = false;
  /** Of Playwright, once the tests have ended. */
  #status: FullResult['status'] | undefined;
  #hasBroken = false;

  constructor(options: GivenOptions = {}) {
    this.#output = new Output({
      shownOutputBytes,
      outputBytes: Infinity,
      onLog: (event) => this.#report?.add(logEntry(event)),
      onFlood: () => {},
    });
    this.#steps = new Steps(shownSteps, this.#output, (event) => {
      this.#output.flush();
      this.#report?.add(stepEntry(event));
    });
    if (isRun(options)) this.#settings = this.#open(options);
  }

  version(): 'v2' {
    return 'v2';
  }

  /** Else Playwright would print nothing of its own. */
  printsToStdio(): boolean {
    return false;
  }

  onConfigure(config: FullConfig): void {
    this.#guard(() => {
      const settings = this.#settings;
      if (!settings) return;
      this.#config = config;
      this.#isRunning = true;
      this.#report = new Report({
        settings,
        shard: config.shard,
        versions: { playwright: config.version, reporter: settings.version, node: globalThis.process.version },
        isRunning: () => this.#isRunning,
      });
    });
  }

  onBegin(suite: Suite): void {
    this.#guard(() => {
      if (!this.#report || !this.#config) return;
      this.#cases = new SuiteCases(suite, this.#config.rootDir);
      this.#report.add({ type: 'cases', cases: this.#cases.listed });
    });
  }

  onTestBegin(testCase: TestCase, result: TestResult): void {
    this.#guard(() => {
      const known = this.#cases?.get(testCase);
      if (!known) return;
      known.open.add(result);
      this.#sendCase(testCase, known);
      this.#steps.beginAttempt(testCase, result, known);
    });
  }

  onTestEnd(testCase: TestCase, result: TestResult): void {
    this.#guard(() => {
      const known = this.#cases?.get(testCase);
      if (!known) return;
      known.open.delete(result);
      this.#steps.endAttempt(testCase, result);
      this.#output.flush();
      this.#attach(placeOf(known, result), result, known);
      this.#sendCase(testCase, known);
    });
  }

  onStepBegin(_testCase: TestCase, result: TestResult, step: TestStep): void {
    this.#guard(() => this.#steps.begin(result, step));
  }

  onStepEnd(_testCase: TestCase, result: TestResult, step: TestStep): void {
    this.#guard(() => this.#steps.end(result, step));
  }

  onStdOut(chunk: string | Buffer, testCase?: TestCase | void, result?: TestResult | void): void {
    this.#guard(() => this.#report && this.#output.write('stdout', chunk, this.#place(testCase, result)));
  }

  onStdErr(chunk: string | Buffer, testCase?: TestCase | void, result?: TestResult | void): void {
    this.#guard(() => this.#report && this.#output.write('stderr', chunk, this.#place(testCase, result)));
  }

  onError(error: PlaywrightError): void {
    this.#guard(() => {
      this.#output.flush();
      this.#report?.add(errorEntry(toTestError(error, { file: error.location?.file, showsCodeOf: () => true })));
    });
  }

  async onEnd({ status }: FullResult): Promise<void> {
    this.#guard(() => {
      this.#isRunning = false;
      for (const [testCase, known] of this.#cases ?? [])
        if (testCase.results.length > 0) this.#sendCase(testCase, known, { isOver: true });
      this.#output.flush();
      this.#status = status;
    });
    await this.#end({ isLast: false });
  }

  async onExit(): Promise<void> {
    await this.#end({ isLast: true });
  }

  /** With a report, this comes after the reporter that writes it; Playwright ends its reporters one after the other. */
  async #end({ isLast }: { isLast: boolean }): Promise<void> {
    const report = this.#report;
    if (!report || this.#status === undefined) return;
    try {
      const dir = this.#settings?.sendsReport && this.#config ? this.#htmlReportDir() : undefined;
      const files = dir === undefined ? [] : await htmlReportFiles(dir, this.#startedAt);
      if (dir !== undefined && files.length === 0 && !isLast) return;
      this.#report = undefined;
      for (const file of files) report.upload(file);
      await report.end(this.#status, files.length > 0 ? 'report/index.html' : null);
    } catch (error) {
      this.#complain(error);
    } finally {
      if (this.#report === undefined) release();
    }
  }

  #htmlReportDir(): string | undefined {
    return htmlReportDir(this.#config!, globalThis.process.env, this.#settings!.dir);
  }

  #open(options: GivenOptions): Settings | undefined {
    const { process } = globalThis;
    try {
      if (!claim()) return undefined;
      return readSettings(options, process.env, options.configDir ?? process.cwd());
    } catch (error) {
      say(`not reported: ${error instanceof Error ? error.message : String(error)} The tests go on.`);
      return undefined;
    }
  }

  #place(testCase: TestCase | void, result: TestResult | void): Place | undefined {
    const known = testCase && this.#cases?.get(testCase);
    return known && result ? placeOf(known, result) : undefined;
  }

  #sendCase(testCase: TestCase, known: KnownCase, { isOver = false } = {}): void {
    const state = stateOf(testCase, known, { isOver });
    if (!isNews(known, state)) return;
    this.#output.flush();
    this.#report?.add(caseEntry({ type: 'case', index: known.index, ...state }));
  }

  #attach(place: Place, result: TestResult, { title }: KnownCase): void {
    const { listed, leftOut } = this.#attachments.of(result);
    if (leftOut !== undefined) this.#output.say(`${leftOut}\n`, place);
    const { caseIndex, attempt } = place;
    for (const attachment of listed) {
      this.#files += 1;
      const file = `attachments/${caseIndex}/${attempt}/${this.#files}-${fileNameOf(attachment)}`;
      const name = cut(attachment.name, reportLimits.title);
      const contentType = cut(attachment.contentType, 200);
      const kind = kindOf(attachment);
      this.#report?.upload({
        file,
        name: `${cut(name, 60)} of "${cut(title, 60)}"`,
        contentType,
        source: attachment.path ?? attachment.body ?? Buffer.alloc(0),
        entry: { type: 'artifact', file, kind, name, contentType, caseIndex, attempt },
      });
    }
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (!this.#hasBroken) say(`a fault of the reporter, which the tests do not notice: ${String(error)}`);
    this.#hasBroken = true;
  }
}

function placeOf({ index }: KnownCase, { retry }: TestResult): Place {
  return { caseIndex: index, attempt: retry };
}

/** False if another reporter of this process reports already. */
function claim(): boolean {
  const shared = globalThis as { [reporting]?: boolean };
  const isFree = shared[reporting] !== true;
  shared[reporting] = true;
  return isFree;
}

function release(): void {
  delete (globalThis as { [reporting]?: boolean })[reporting];
}
