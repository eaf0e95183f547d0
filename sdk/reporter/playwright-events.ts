import path from 'node:path';
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
import { htmlReportFiles } from './html-report.ts';
import type { ReportSink } from './report-sink.ts';
import { say } from './say.ts';
import { comparedSnapshots, suiteRoot } from './snapshots.ts';
import { SuiteCases } from './suite-cases.ts';

/** As for scripts; Runlight itself holds to its own limits. */
const shownOutputBytes = 5_000_000;
const shownSteps = 500_000;

export interface RunState {
  /** Until the tests have ended. */
  isRunning(): boolean;
  /** A test has begun. */
  hasBegun(): boolean;
  /** Adds output that still waits for more of it. */
  flush(): void;
}

/** What becomes of a report. */
export interface Destination {
  /** Opens the report, once Playwright is configured. */
  open(config: FullConfig, run: RunState): ReportSink;
  /** The folder of Playwright's HTML report, if it is to be sent. */
  htmlReportDir(config: FullConfig): string | undefined;
  /** The report has ended. */
  close(): void;
}

/**
 * A reporter of Playwright that turns its events into entries and files of a report. Each method catches its own errors: nothing
 * that happens here reaches Playwright, its exit code or its output.
 */
export class PlaywrightEvents {
  readonly #destination: Destination | undefined;
  readonly #attachments = new AttachmentList();
  readonly #output: Output;
  readonly #steps: Steps;
  readonly #startedAt = Date.now();
  #config: FullConfig | undefined;
  #report: ReportSink | undefined;
  #cases: SuiteCases | undefined;
  #files = 0;
  /** Paths of baselines are relative to it. */
  #root = '';
  #isRunning = false;
  #hasBegun = false;
  /** Of Playwright, once the tests have ended. */
  #status: FullResult['status'] | undefined;
  #hasBroken = false;

  /** Without a destination, nothing is reported. */
  constructor(destination: Destination | undefined) {
    this.#destination = destination;
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
      if (!this.#destination) return;
      this.#config = config;
      this.#root = suiteRoot(config.configFile ? path.dirname(config.configFile) : config.rootDir);
      this.#isRunning = true;
      this.#report = this.#destination.open(config, {
        isRunning: () => this.#isRunning,
        hasBegun: () => this.#hasBegun,
        flush: () => this.#output.flush(),
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
      this.#hasBegun = true;
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
      const dir = this.#config && this.#destination?.htmlReportDir(this.#config);
      const files = dir === undefined ? [] : await htmlReportFiles(dir, this.#startedAt);
      if (dir !== undefined && files.length === 0 && !isLast) return;
      this.#report = undefined;
      for (const file of files) report.upload(file);
      await report.end(this.#status, files.length > 0 ? 'report/index.html' : null);
    } catch (error) {
      this.#complain(error);
    } finally {
      if (this.#report === undefined) this.#destination?.close();
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
    const snapshots = comparedSnapshots(listed, result.errors, this.#root);
    for (const attachment of listed) {
      const snapshot = snapshots.get(attachment);
      if (snapshot === null) continue;
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
        entry: { type: 'artifact', file, kind, name, contentType, caseIndex, attempt, ...(snapshot && { snapshot }) },
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
