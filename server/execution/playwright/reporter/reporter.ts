import type {
  FullResult,
  Reporter,
  Suite,
  TestCase,
  TestError as PlaywrightError,
  TestResult,
  TestRun,
  TestStep,
} from '@playwright/test/reporter';
import type { RunEventBody } from '#shared/events.ts';
import { joinErrors, toTestError } from '#shared/playwright/errors.ts';
import { keepChosen } from '#shared/playwright/keep-chosen.ts';
import { failureOf, isNews, stateOf } from '#shared/playwright/known-case.ts';
import { Output } from '#shared/playwright/output.ts';
import { decidingResult } from '#shared/playwright/statuses.ts';
import { Steps } from '#shared/playwright/steps.ts';
import { Attachments } from './attachments.ts';
import { batchesOf, Cases, type Script, type ScriptCase, sourceOf, toCaseEvent } from './cases.ts';
import { LostFiles } from './lost-files.ts';
import type { Place, ProcessFacts, Refusal, ReporterOptions, Send } from './messages.ts';
import { MissingBrowser } from './missing-browser.ts';
import { areSettled, isMarkedOnly, scriptStatus } from './script-statuses.ts';

interface ScriptProgress {
  /** Epoch ms; 0 before the first case begins. */
  startedAt: number;
  /** Cases of which no attempt has begun. */
  unbegun: number;
  /** Attempts that run. */
  open: number;
  /** What the last event said. */
  sent: string;
}

// With a callback, a closed channel is not an uncaught error.
const sendToWorker: Send = (message) => process.send?.(message, undefined, undefined, () => {});

/**
 * Playwright's reporter. It works in the process that runs Playwright, in which no script is evaluated.
 *
 * The files of this folder and of `shared/playwright` are copied into the folder of each run: their imports at run time are one
 * another and Node's modules.
 */
class RunlightReporter implements Omit<Reporter, 'onBegin'> {
  readonly #options: ReporterOptions;
  readonly #facts: ProcessFacts;
  readonly #cases: Cases;
  readonly #progress = new Map<Script, ScriptProgress>();
  readonly #send = sendToWorker;
  readonly #output: Output;
  readonly #steps: Steps;
  readonly #attachments: Attachments;
  readonly #lostFiles: LostFiles;
  readonly #missingBrowser: MissingBrowser;
  /** Attempts that ended with the process that ran them. */
  readonly #crashes = new WeakMap<TestResult, { code: number | null; signal: string | null }>();
  readonly #refusals = new WeakMap<TestResult, Refusal>();
  #isLoading = true;

  constructor(options: ReporterOptions, facts: ProcessFacts) {
    this.#options = options;
    this.#facts = facts;
    this.#cases = new Cases(options.tests);
    this.#output = new Output({
      ...options,
      onLog: (event) => this.#send({ kind: 'event', event }),
      onFlood: () => this.#send({ kind: 'flood' }),
    });
    this.#steps = new Steps(options.shownSteps, this.#output, (event) => this.#sendEvent(event));
    this.#attachments = new Attachments(options.outputDir, this.#output, this.#send);
    this.#lostFiles = new LostFiles(process.cwd(), this.#output);
    this.#missingBrowser = new MissingBrowser(options.noBrowser);
  }

  /** Reporters of version 2 do not get the configuration in `onBegin`. */
  version(): 'v2' {
    return 'v2';
  }

  async preprocess(run: { suite: Suite; testRun: TestRun }): Promise<void> {
    if (!this.#options.choosesCases || run.suite.allTests().length > this.#options.cases) return;
    const candidates = new Cases(this.#options.tests);
    candidates.add(run.suite);
    for (const cases of batchesOf(candidates.list())) this.#send({ kind: 'candidates', cases });
    this.#send({ kind: 'choose' });
    const chosen = new Set(await this.#facts.chosen);
    keepChosen(
      run,
      [...candidates].flatMap(([testCase, { index }]) => (chosen.has(index) ? testCase : [])),
    );
  }

  onBegin(suite: Suite): void {
    this.#isLoading = false;
    const all = suite.allTests();
    if (all.length > this.#options.cases) return this.#send({ kind: 'crowd' });
    this.#cases.add(suite);
    for (const script of this.#cases.scripts)
      this.#progress.set(script, { startedAt: 0, unbegun: script.cases.length, open: 0, sent: '' });
    for (const cases of batchesOf(this.#cases.list())) this.#send({ kind: 'listed', cases });
    // With `test.only` anywhere, Playwright drops all other cases, also those of other files.
    const isFiltered = all.some((testCase) => isMarkedOnly(testCase));
    const empty = this.#cases.scripts.filter((script) => script.cases.length === 0).map(({ position }) => position);
    this.#send({ kind: 'begin', leftOut: isFiltered ? empty : [] });
  }

  onTestBegin(testCase: TestCase, result: TestResult): void {
    const known = this.#cases.get(testCase);
    const progress = known && this.#progress.get(known.script);
    if (!known || !progress) return;
    if (testCase.results.length === 1) progress.unbegun -= 1;
    progress.open += 1;
    known.open.add(result);
    if (progress.startedAt === 0) {
      progress.startedAt = Date.now();
      this.#sendScript(known.script, progress, { status: 'running' });
    }
    this.#sendCase(testCase, known);
    this.#steps.beginAttempt(testCase, result, known);
  }

  onTestEnd(testCase: TestCase, result: TestResult): void {
    const known = this.#cases.get(testCase);
    const progress = known && this.#progress.get(known.script);
    if (!known || !progress) return;
    if (known.open.delete(result)) progress.open -= 1;
    this.#takeFacts(testCase, result);
    this.#missingBrowser.onTestEnd(result);
    this.#steps.endAttempt(testCase, result);
    const place = placeOf(known, result);
    this.#lostFiles.onTestEnd(place);
    this.#output.flush();
    this.#attachments.add(place, result, this.#facts.folderOf(testCase, result.retry));
    this.#sendCase(testCase, known);
    if (progress.unbegun === 0 && progress.open === 0 && areSettled(known.script.cases)) this.#endScript(known.script);
  }

  onStepBegin(_testCase: TestCase, result: TestResult, step: TestStep): void {
    this.#steps.begin(result, step);
  }

  onStepEnd(_testCase: TestCase, result: TestResult, step: TestStep): void {
    this.#missingBrowser.onStepEnd(step);
    this.#steps.end(result, step);
  }

  onStdOut(chunk: string | Buffer, testCase?: TestCase | void, result?: TestResult | void): void {
    this.#output.write('stdout', chunk, this.#place(testCase, result));
  }

  onStdErr(chunk: string | Buffer, testCase?: TestCase | void, result?: TestResult | void): void {
    this.#output.write('stderr', chunk, this.#place(testCase, result));
  }

  onError(error: PlaywrightError): void {
    this.#output.flush();
    const exit = this.#facts.exits.get(error.message ?? '');
    if (exit && error.stack === undefined) {
      const script = this.#cases.scripts.find(({ file }) => file === exit.file);
      return this.#send({ kind: 'crash', position: script?.position ?? null, code: exit.code, signal: exit.signal });
    }
    const script = this.#faultyScript(error);
    this.#send({
      kind: 'fault',
      position: script?.position ?? null,
      loading: this.#isLoading,
      error: toTestError(error, sourceOf(script)),
    });
  }

  async onEnd(_result: FullResult): Promise<void> {
    for (const [testCase, known] of this.#cases)
      if (testCase.results.length > 0) this.#sendCase(testCase, known, { isOver: true });
    for (const [script, { startedAt }] of this.#progress) if (startedAt !== 0) this.#endScript(script);
    this.#output.flush();
  }

  #place(testCase: TestCase | void, result: TestResult | void): Place | undefined {
    const known = testCase && this.#cases.get(testCase);
    return known && result ? placeOf(known, result) : undefined;
  }

  /** An attempt that its process did not end itself has an error that Playwright made of the exit of the process. */
  #takeFacts({ id }: TestCase, result: TestResult): void {
    const { ending, exits } = this.#facts;
    if (ending?.testId === id) {
      const [refusal] = ending.refusals;
      if (refusal) this.#refusals.set(result, refusal);
      return;
    }
    const exit = exits.get(result.errors[0]?.message ?? '');
    if (exit) this.#crashes.set(result, exit);
  }

  #faultyScript(error: PlaywrightError): Script | undefined {
    const { scripts } = this.#cases;
    const byLocation = scripts.find(({ file }) => file === error.location?.file);
    if (byLocation) return byLocation;
    const text = `${error.message ?? ''}\n${error.stack ?? ''}`;
    return scripts.find(({ file }) => text.includes(file));
  }

  #sendEvent(event: RunEventBody): void {
    this.#output.flush();
    this.#send({ kind: 'event', event });
  }

  /** Sends the state of a case if it is another one than that sent before. */
  #sendCase(testCase: TestCase, known: ScriptCase, { isOver = false } = {}): void {
    const state = stateOf(testCase, known, { isOver });
    if (isNews(known, state)) this.#sendEvent(toCaseEvent(testCase, known, state));
  }

  #sendScript(
    { position, name }: Script,
    progress: ScriptProgress,
    state: Pick<Extract<RunEventBody, { type: 'test' }>, 'status'> & Partial<Extract<RunEventBody, { type: 'test' }>>,
  ): void {
    progress.sent = `${state.status},${state.flaky}`;
    this.#sendEvent({ type: 'test', position, name, flaky: false, duration: null, error: null, ...state });
  }

  #endScript(script: Script): void {
    const progress = this.#progress.get(script)!;
    const failing = script.cases.find((testCase) => testCase.outcome() === 'unexpected');
    const status = scriptStatus(script.cases);
    const flaky = status === 'passed' && script.cases.some((testCase) => testCase.outcome() === 'flaky');
    if (progress.sent === `${status},${flaky}`) return;
    this.#sendCauses(script);
    this.#sendScript(script, progress, {
      status,
      flaky,
      duration: Date.now() - progress.startedAt,
      error: failing ? joinErrors(failureOf(failing, sourceOf(script))) : null,
    });
  }

  /** Sends why cases of the script fail, where that is no failed assertion. */
  #sendCauses({ position, cases }: Script): void {
    const failed = cases.filter((testCase) => testCase.outcome() === 'unexpected').map(decidingResult);
    const crash = failed.map((result) => result && this.#crashes.get(result)).find((it) => it !== undefined);
    if (crash) this.#send({ kind: 'crash', position, code: crash.code, signal: crash.signal });
    const [first] = failed;
    if (this.#missingBrowser.isCauseOf(first)) this.#send({ kind: 'no-browser', position });
    const refusal = first && this.#refusals.get(first);
    if (refusal) this.#send({ kind: 'refusal', position, code: refusal.code, syscall: refusal.syscall });
  }
}

function placeOf({ position, index }: ScriptCase, { retry }: TestResult): Place {
  return { position, caseIndex: index, attempt: retry };
}

export default RunlightReporter;
