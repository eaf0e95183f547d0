import type {
  FullResult,
  Reporter,
  Suite,
  TestCase,
  TestError as PlaywrightError,
  TestResult,
  TestStep,
} from '@playwright/test/reporter';
import type { RunEventBody, TestError } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { Attachments } from './attachments.ts';
import { joinErrors, toTestError, unexpectedPass } from './errors.ts';
import type { ReporterOptions, Send } from './messages.ts';
import { Output } from './output.ts';
import { caseStatus, isInternal, isMarkedOnly, isSkipped, scriptStatus } from './statuses.ts';

/** A test of the run: one file, with any number of cases (Playwright's tests). */
interface Script {
  position: number;
  name: string;
  file: string;
  cases: TestCase[];
  /** The number of cases that have not ended. */
  open: number;
  /** Epoch ms; 0 before the first case begins. */
  startedAt: number;
  hasEnded: boolean;
}

// With a callback, a closed channel is not an uncaught error.
const sendToWorker: Send = (message) => process.send?.(message, undefined, undefined, () => {});

/**
 * Playwright's reporter. It works in the process that runs Playwright, in which no script is evaluated.
 *
 * The files of this folder are copied into the folder of each run: their imports at run time are one another and Node's modules.
 */
class RunlightReporter implements Omit<Reporter, 'onBegin'> {
  readonly #options: ReporterOptions;
  readonly #scripts: Script[];
  readonly #output: Output;
  readonly #attachments: Attachments;
  readonly #send = sendToWorker;
  /** Ids of reported steps, and of attempts, which are reported as steps of category `case`. */
  readonly #ids = new WeakMap<TestStep | TestResult, string>();
  readonly #openSteps = new Map<TestResult, Set<TestStep>>();
  #isLoading = true;
  #lastId = 0;
  #stepCount = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#output = new Output(options, this.#send);
    this.#attachments = new Attachments(options.outputDir, this.#output, this.#send);
    this.#scripts = options.tests.map(({ name, file }, position) => ({
      position,
      name,
      file,
      cases: [],
      open: 0,
      startedAt: 0,
      hasEnded: false,
    }));
  }

  /** Reporters of version 2 do not get the configuration in `onBegin`. */
  version(): 'v2' {
    return 'v2';
  }

  onBegin(suite: Suite): void {
    this.#isLoading = false;
    const cases = suite.allTests();
    for (const testCase of cases) this.#script(testCase.location.file)?.cases.push(testCase);
    for (const script of this.#scripts) script.open = script.cases.length;
    // With `test.only` anywhere, Playwright drops all other cases, also those of other files.
    const isFiltered = cases.some((testCase) => isMarkedOnly(testCase));
    const empty = this.#scripts.filter((script) => script.cases.length === 0).map(({ position }) => position);
    const counts = this.#scripts.map((script) => script.cases.length);
    this.#send({ kind: 'begin', cases: counts, leftOut: isFiltered ? empty : [] });
  }

  onTestBegin(testCase: TestCase, result: TestResult): void {
    const script = this.#script(testCase.location.file);
    if (!script) return;
    if (script.startedAt === 0) {
      script.startedAt = Date.now();
      this.#sendScript(script, {});
    }
    this.#ids.set(result, this.#nextId(script));
    this.#openSteps.set(result, new Set());
    this.#sendCase(script, testCase, result, { status: 'running', duration: null, error: null });
  }

  onTestEnd(testCase: TestCase, result: TestResult): void {
    const script = this.#script(testCase.location.file);
    if (!script) return;
    for (const step of this.#openSteps.get(result) ?? []) this.#sendStep(script, step, result, 'interrupted');
    this.#openSteps.delete(result);
    const isExpected = result.status === testCase.expectedStatus;
    if (this.#ids.has(result))
      this.#sendCase(script, testCase, result, {
        status: caseStatus(testCase, result),
        duration: result.duration,
        error: isExpected ? null : joinErrors(result, script.file),
      });
    for (const attachment of result.attachments) this.#attachments.add(script.position, attachment);
    const crash = result.errors.find(({ message }) => message?.includes('worker process exited unexpectedly'));
    if (crash) this.#send({ kind: 'crash', position: script.position, how: crash.message! });
    const isFailed = !isExpected && result.status !== 'skipped' && result.status !== 'interrupted';
    if (isFailed && result.retry < testCase.retries) return;
    script.open -= 1;
    if (script.open === 0) this.#endScript(script);
  }

  onStepBegin(testCase: TestCase, result: TestResult, step: TestStep): void {
    const script = this.#script(testCase.location.file);
    const { maxSteps } = this.#options;
    if (!script || isInternal(step) || this.#stepCount >= maxSteps) return;
    this.#stepCount += 1;
    if (this.#stepCount === maxSteps)
      this.#output.say(`Only the first ${maxSteps} steps are shown.\n`, script.position);
    this.#beginStep(script, step, result);
  }

  onStepEnd(testCase: TestCase, result: TestResult, step: TestStep): void {
    const script = this.#script(testCase.location.file);
    if (!script) return;
    if (!this.#ids.has(step)) {
      const isCause = step.error !== undefined && isInternal(step) && !step.steps.some(({ error }) => error);
      if (!isCause) return;
      this.#beginStep(script, step, result);
    }
    this.#openSteps.get(result)?.delete(step);
    this.#sendStep(script, step, result, step.error ? 'failed' : isSkipped(step) ? 'skipped' : 'passed');
  }

  onStdOut(chunk: string | Buffer, testCase?: TestCase | void): void {
    this.#output.write('stdout', chunk, this.#position(testCase));
  }

  onStdErr(chunk: string | Buffer, testCase?: TestCase | void): void {
    this.#output.write('stderr', chunk, this.#position(testCase));
  }

  onError(error: PlaywrightError): void {
    const script = this.#faultyScript(error);
    this.#output.flush();
    this.#send({
      kind: 'fault',
      position: script?.position ?? null,
      loading: this.#isLoading,
      error: toTestError(error, script?.file),
    });
  }

  async onEnd(_result: FullResult): Promise<void> {
    for (const script of this.#scripts) if (script.startedAt !== 0 && !script.hasEnded) this.#endScript(script);
    this.#output.flush();
  }

  #script(file: string): Script | undefined {
    return this.#scripts.find((script) => script.file === file);
  }

  #position(testCase: TestCase | void): number | undefined {
    return testCase ? this.#script(testCase.location.file)?.position : undefined;
  }

  #faultyScript(error: PlaywrightError): Script | undefined {
    const byLocation = error.location && this.#script(error.location.file);
    if (byLocation) return byLocation;
    const text = `${error.message ?? ''}\n${error.stack ?? ''}`;
    return this.#scripts.find(({ file }) => text.includes(file));
  }

  #nextId({ position }: Script): string {
    this.#lastId += 1;
    return `${position}.${this.#lastId}`;
  }

  #sendEvent(event: RunEventBody): void {
    this.#output.flush();
    this.#send({ kind: 'event', event });
  }

  #sendScript({ position, name }: Script, end: Partial<Extract<RunEventBody, { type: 'test' }>>): void {
    this.#sendEvent({
      type: 'test',
      position,
      name,
      status: 'running',
      flaky: false,
      duration: null,
      error: null,
      ...end,
    });
  }

  #endScript(script: Script): void {
    script.hasEnded = true;
    const failing = script.cases.find((testCase) => testCase.outcome() === 'unexpected');
    const result = failing?.results.findLast(({ errors }) => errors.length > 0);
    const status = scriptStatus(script.cases);
    this.#sendScript(script, {
      status,
      flaky: status === 'passed' && script.cases.some((testCase) => testCase.outcome() === 'flaky'),
      duration: Date.now() - script.startedAt,
      error: result
        ? joinErrors(result, script.file)
        : failing?.expectedStatus === 'failed'
          ? unexpectedPass(failing)
          : null,
    });
  }

  #sendCase(
    { position }: Script,
    testCase: TestCase,
    result: TestResult,
    state: { status: TestStatus; duration: number | null; error: TestError | null },
  ): void {
    this.#sendEvent({
      type: 'step',
      position,
      id: this.#ids.get(result)!,
      parentId: null,
      category: 'case',
      // The first three are Playwright's root, project and file.
      title: testCase.titlePath().slice(3).join(' › '),
      line: testCase.location.line,
      ...state,
    });
  }

  #beginStep(script: Script, step: TestStep, result: TestResult): void {
    this.#ids.set(step, this.#nextId(script));
    this.#openSteps.get(result)?.add(step);
    this.#sendStep(script, step, result, 'running');
  }

  #sendStep({ position, file }: Script, step: TestStep, result: TestResult, status: TestStatus): void {
    const isRunning = status === 'running';
    this.#sendEvent({
      type: 'step',
      position,
      id: this.#ids.get(step)!,
      parentId: this.#parentId(step, result),
      // Scripts can give values of any type.
      category: String(step.category),
      title: String(step.title),
      status,
      duration: isRunning || step.duration < 0 ? null : step.duration,
      error: step.error && !isRunning ? toTestError(step.error, file) : null,
      line: step.location?.file === file ? step.location.line : null,
    });
  }

  #parentId(step: TestStep, result: TestResult): string | null {
    for (let parent = step.parent; parent; parent = parent.parent) {
      const id = this.#ids.get(parent);
      if (id !== undefined) return id;
    }
    return this.#ids.get(result) ?? null;
  }
}

export default RunlightReporter;
