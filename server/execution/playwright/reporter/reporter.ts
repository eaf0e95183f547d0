/**
 * Playwright's reporter inside the process that runs Playwright; no script is ever evaluated in that process.
 * The file is copied beside the specs, so it imports types only, and Node's own modules.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
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

export interface ReporterOptions {
  /** Absolute, as Playwright sees it. */
  outputDir: string;
  /** One for each test of the run, by position. */
  tests: { name: string; file: string }[];
  /** Output beyond this is left out. */
  shownOutputBytes: number;
  /** Output beyond this is too much. */
  outputBytes: number;
  maxSteps: number;
}

/** What the reporter tells the worker, one object a message. */
export type ReporterMessage =
  | { kind: 'event'; event: RunEventBody }
  /** How many Playwright tests each script holds. */
  | { kind: 'begin'; cases: number[]; leftOut: number[] }
  | { kind: 'attachment'; position: number; name: string; path: string; contentType: string }
  /** Of no single Playwright test: a script that does not load, or what went wrong between tests. */
  | { kind: 'fault'; position: number | null; loading: boolean; error: TestError }
  | { kind: 'crash'; position: number; how: string }
  /** More has been printed than a run may print. */
  | { kind: 'flood' };

type Send = (message: ReporterMessage, done?: () => void) => void;
type Stream = 'stdout' | 'stderr';

interface ScriptState {
  position: number;
  name: string;
  cases: TestCase[];
  open: number;
  startedAt: number;
  ended: boolean;
}

const flushAfterMs = 80;
const longestLogChars = 16_000;
/** Attachments beyond these are in Playwright's report alone. */
const maxAttachments = 1_000;
/** Playwright's scaffolding, of no interest unless it fails. */
const scaffolding = new Set(['Before Hooks', 'After Hooks', 'Worker Cleanup']);

const sendToParent: Send = (message, done) => process.send?.(message, undefined, undefined, () => done?.());

class RunlightReporter implements Omit<Reporter, 'onBegin'> {
  readonly #options: ReporterOptions;
  readonly #scripts: ScriptState[];
  readonly #send: Send = sendToParent;
  /** Ids of steps that were told, and of the attempts (`case` steps) that they belong to. */
  readonly #ids = new WeakMap<TestStep | TestResult, string>();
  readonly #open = new Map<TestResult, Set<TestStep>>();
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #pending: { stream: Stream; position: number | undefined; text: string } | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #loading = true;
  #lastId = 0;
  #stepCount = 0;
  #attachmentCount = 0;
  #outputBytes = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#scripts = options.tests.map(({ name }, position) => ({
      position,
      name,
      cases: [],
      open: 0,
      startedAt: 0,
      ended: false,
    }));
  }

  version(): 'v2' {
    return 'v2';
  }

  /** Playwright's newer reporters are not handed the configuration. */
  onBegin(suite: Suite): void {
    this.#loading = false;
    for (const testCase of suite.allTests()) this.#script(testCase.location.file)?.cases.push(testCase);
    for (const script of this.#scripts) script.open = script.cases.length;
    // Playwright drops every test that is not marked, also those of other files.
    const only = suite.allTests().some((testCase) => isMarkedOnly(testCase));
    const empty = this.#scripts.filter(({ cases }) => cases.length === 0).map(({ position }) => position);
    this.#send({ kind: 'begin', cases: this.#scripts.map(({ cases }) => cases.length), leftOut: only ? empty : [] });
  }

  onTestBegin(testCase: TestCase, result: TestResult): void {
    const script = this.#script(testCase.location.file);
    if (!script) return;
    if (script.startedAt === 0) {
      script.startedAt = Date.now();
      this.#event({ ...this.#testEvent(script), status: 'running' });
    }
    const id = this.#nextId(script.position);
    this.#ids.set(result, id);
    this.#open.set(result, new Set());
    this.#event(this.#caseEvent(script, testCase, id, 'running', null, null));
  }

  onTestEnd(testCase: TestCase, result: TestResult): void {
    const script = this.#script(testCase.location.file);
    if (!script) return;
    for (const step of this.#open.get(result) ?? []) this.#stepEvent(script, step, result, 'interrupted');
    this.#open.delete(result);
    const id = this.#ids.get(result);
    const error = this.#errors(result, script);
    const isExpected = result.status === testCase.expectedStatus;
    if (id !== undefined)
      this.#event(
        this.#caseEvent(script, testCase, id, caseStatus(testCase, result), result.duration, isExpected ? null : error),
      );
    for (const attachment of result.attachments) this.#attachment(script, attachment);
    const crash = result.errors.find(({ message }) => message?.includes('worker process exited unexpectedly'));
    if (crash) this.#send({ kind: 'crash', position: script.position, how: crash.message! });
    if (
      !isExpected &&
      result.retry < testCase.retries &&
      result.status !== 'skipped' &&
      result.status !== 'interrupted'
    )
      return;
    script.open -= 1;
    if (script.open === 0) this.#endScript(script);
  }

  #attachment(script: ScriptState, attachment: TestResult['attachments'][number]): void {
    const name = String(attachment.name);
    const contentType = String(attachment.contentType);
    if (this.#attachmentCount >= maxAttachments) return;
    this.#attachmentCount += 1;
    if (this.#attachmentCount === maxAttachments)
      this.#say('stderr', `Only the first ${maxAttachments} attachments are listed.\n`, script.position);
    const { outputDir } = this.#options;
    const file =
      attachment.path === undefined
        ? this.#writeBody(name, contentType, attachment.body)
        : path.relative(outputDir, String(attachment.path));
    if (file !== undefined)
      this.#send({ kind: 'attachment', position: script.position, name, path: file, contentType });
  }

  /** Keeps what was attached without a file in one, and returns its path in the run's output. */
  #writeBody(name: string, contentType: string, body: Buffer | undefined): string | undefined {
    if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
    const file = path.join('attachments', `${this.#attachmentCount}-${fileName(name, contentType)}`);
    try {
      mkdirSync(path.join(this.#options.outputDir, 'attachments'), { recursive: true });
      // A script may have put something in its place, such as a pipe that nobody reads.
      writeFileSync(path.join(this.#options.outputDir, file), body, { flag: 'wx' });
      return file;
    } catch {
      return undefined;
    }
  }

  onStepBegin(testCase: TestCase, result: TestResult, step: TestStep): void {
    const script = this.#script(testCase.location.file);
    if (!script || isNoise(step) || this.#stepCount >= this.#options.maxSteps) return;
    this.#stepCount += 1;
    if (this.#stepCount === this.#options.maxSteps)
      this.#say('stderr', `Only the first ${this.#options.maxSteps} steps are shown.\n`, script.position);
    this.#beginStep(script, step, result);
  }

  onStepEnd(testCase: TestCase, result: TestResult, step: TestStep): void {
    const script = this.#script(testCase.location.file);
    if (!script) return;
    if (!this.#ids.has(step)) {
      const isCause = step.error !== undefined && isNoise(step) && !step.steps.some(({ error }) => error);
      if (!isCause) return;
      this.#beginStep(script, step, result);
    }
    this.#open.get(result)?.delete(step);
    this.#stepEvent(script, step, result, step.error ? 'failed' : isSkipped(step) ? 'skipped' : 'passed');
  }

  onStdOut(chunk: string | Buffer, testCase?: TestCase | void): void {
    this.#output('stdout', chunk, testCase);
  }

  onStdErr(chunk: string | Buffer, testCase?: TestCase | void): void {
    this.#output('stderr', chunk, testCase);
  }

  onError(error: PlaywrightError): void {
    const script = this.#faultyScript(error);
    this.#flush();
    this.#send({
      kind: 'fault',
      position: script?.position ?? null,
      loading: this.#loading,
      error: this.#error(error, script),
    });
  }

  async onEnd(_result: FullResult): Promise<void> {
    for (const script of this.#scripts) if (script.startedAt !== 0 && !script.ended) this.#endScript(script);
    this.#flush();
  }

  #script(file: string): ScriptState | undefined {
    const position = this.#options.tests.findIndex((test) => test.file === file);
    return this.#scripts[position];
  }

  #faultyScript(error: PlaywrightError): ScriptState | undefined {
    const byLocation = error.location && this.#script(error.location.file);
    if (byLocation) return byLocation;
    const text = `${error.message ?? ''}\n${error.stack ?? ''}`;
    return this.#scripts.find(({ position }) => text.includes(this.#options.tests[position]!.file));
  }

  #nextId(position: number): string {
    this.#lastId += 1;
    return `${position}.${this.#lastId}`;
  }

  #event(event: RunEventBody): void {
    this.#flush();
    this.#send({ kind: 'event', event });
  }

  #testEvent(script: ScriptState): Extract<RunEventBody, { type: 'test' }> {
    return {
      type: 'test',
      position: script.position,
      name: script.name,
      status: 'pending',
      flaky: false,
      duration: null,
      error: null,
    };
  }

  #endScript(script: ScriptState): void {
    script.ended = true;
    const failing = script.cases.find((testCase) => testCase.outcome() === 'unexpected');
    const result = failing?.results.findLast(({ errors }) => errors.length > 0);
    const status = scriptStatus(script.cases);
    this.#event({
      ...this.#testEvent(script),
      status,
      flaky: status === 'passed' && script.cases.some((testCase) => testCase.outcome() === 'flaky'),
      duration: Date.now() - script.startedAt,
      error: result
        ? this.#errors(result, script)
        : failing?.expectedStatus === 'failed'
          ? unexpectedPass(failing)
          : null,
    });
  }

  #caseEvent(
    script: ScriptState,
    testCase: TestCase,
    id: string,
    status: TestStatus,
    duration: number | null,
    error: TestError | null,
  ): RunEventBody {
    // The first three are Playwright's root, project and file.
    const title = testCase.titlePath().slice(3).join(' › ');
    const { line } = testCase.location;
    return {
      type: 'step',
      position: script.position,
      id,
      parentId: null,
      category: 'case',
      title,
      status,
      duration,
      error,
      line,
    };
  }

  #beginStep(script: ScriptState, step: TestStep, result: TestResult): void {
    this.#ids.set(step, this.#nextId(script.position));
    this.#open.get(result)?.add(step);
    this.#stepEvent(script, step, result, 'running');
  }

  #stepEvent(script: ScriptState, step: TestStep, result: TestResult, status: TestStatus): void {
    const isOwn = step.location && this.#script(step.location.file) === script;
    this.#event({
      type: 'step',
      position: script.position,
      id: this.#ids.get(step)!,
      parentId: this.#parentId(step, result),
      // Whatever a script passes as a title reaches this process as it is.
      category: String(step.category),
      title: String(step.title),
      status,
      duration: status === 'running' || step.duration < 0 ? null : step.duration,
      error: step.error && status !== 'running' ? this.#error(step.error, script) : null,
      line: isOwn ? step.location!.line : null,
    });
  }

  #parentId(step: TestStep, result: TestResult): string | null {
    for (let parent = step.parent; parent; parent = parent.parent) {
      const id = this.#ids.get(parent);
      if (id !== undefined) return id;
    }
    return this.#ids.get(result) ?? null;
  }

  /** A timeout comes with a second error that says what was being waited for. */
  #errors(result: TestResult, script: ScriptState): TestError | null {
    const errors = result.errors.map((error) => this.#error(error, script));
    const located = errors.find(({ snippet }) => snippet) ?? errors[0];
    return located ? { ...located, message: errors.map(({ message }) => message).join('\n\n') } : null;
  }

  #error(error: PlaywrightError, script: ScriptState | undefined): TestError {
    const isOwn = error.location && script && this.#script(error.location.file) === script;
    return {
      message: error.message ?? error.value ?? error.stack ?? 'Unknown error',
      snippet: error.snippet ?? null,
      line: isOwn ? error.location!.line : null,
      column: isOwn ? error.location!.column : null,
    };
  }

  #output(stream: Stream, chunk: string | Buffer, testCase: TestCase | void): void {
    const { shownOutputBytes: limit, outputBytes } = this.#options;
    const before = this.#outputBytes;
    const all = Buffer.from(chunk);
    this.#outputBytes += all.length;
    if (before <= outputBytes && this.#outputBytes > outputBytes) this.#send({ kind: 'flood' });
    if (before >= limit) return;
    const bytes = all.subarray(0, limit - before);
    const position = testCase ? this.#script(testCase.location.file)?.position : undefined;
    this.#say(stream, this.#decoders[stream].write(bytes), position);
    if (this.#outputBytes >= limit) this.#say('stderr', `\nOutput beyond ${limit} bytes is left out.\n`, position);
  }

  #say(stream: Stream, text: string, position: number | undefined): void {
    const pending = this.#pending;
    if (pending && pending.stream === stream && pending.position === position) pending.text += text;
    else {
      this.#flush();
      this.#pending = { stream, position, text };
    }
    if (this.#pending!.text.length >= longestLogChars) this.#flush();
    else this.#flushTimer ??= setTimeout(() => this.#flush(), flushAfterMs);
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    const { stream, position } = pending;
    for (let start = 0; start < pending.text.length;) {
      let end = Math.min(start + longestLogChars, pending.text.length);
      if (end < pending.text.length && isHighSurrogate(pending.text.charCodeAt(end - 1))) end -= 1;
      this.#send({ kind: 'event', event: { type: 'log', stream, text: pending.text.slice(start, end), position } });
      start = end;
    }
  }
}

/** By which browsers and people know what is in a file, where its name does not say it. */
const extensions: Record<string, string> = {
  'application/json': '.json',
  'application/pdf': '.pdf',
  'application/xml': '.xml',
  'image/gif': '.gif',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/svg+xml': '.svg',
  'image/webp': '.webp',
  'text/css': '.css',
  'text/csv': '.csv',
  'text/html': '.html',
  'text/markdown': '.md',
  'text/plain': '.txt',
  'text/xml': '.xml',
  'video/mp4': '.mp4',
  'video/webm': '.webm',
};

function fileName(name: string, contentType: string): string {
  const [type = ''] = contentType.split(';');
  const own = /\.[a-z0-9]{1,8}$/.exec(name.toLowerCase())?.[0];
  const slug = path
    .basename(name.toLowerCase(), own)
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  return (slug || 'attachment') + (own ?? extensions[type.trim().toLowerCase()] ?? '.bin');
}

/** A test that is marked with `test.fail()` and passes has no error of its own. */
function unexpectedPass({ title, location }: TestCase): TestError {
  return { message: `"${title}" was expected to fail, but passed.`, line: location.line, column: location.column };
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isNoise(step: TestStep): boolean {
  for (let current: TestStep | undefined = step; current; current = current.parent)
    if (current.category === 'fixture') return true;
  return (
    step.category === 'attach' ||
    step.category === 'test.attach' ||
    (step.category === 'hook' && scaffolding.has(step.title))
  );
}

function isSkipped(step: TestStep): boolean {
  return step.annotations.some(({ type }) => type === 'skip');
}

/** Playwright tells reporters nothing of `test.only`; its objects carry the mark in a private field. */
function isMarkedOnly(testCase: TestCase): boolean {
  for (let entry: unknown = testCase; entry; entry = (entry as { parent?: unknown }).parent)
    if ((entry as { _only?: boolean })._only === true) return true;
  return false;
}

function caseStatus(testCase: TestCase, result: TestResult): TestStatus {
  // Of a test whose process was killed while it ran, Playwright says that it was skipped.
  const isKilled = testCase.expectedStatus !== 'skipped' && result.steps.length > 0;
  if (result.status === 'skipped') return isKilled ? 'interrupted' : 'skipped';
  if (result.status === testCase.expectedStatus) return 'passed';
  if (result.status === 'timedOut') return 'timed_out';
  return result.status === 'interrupted' ? 'interrupted' : 'failed';
}

function scriptStatus(cases: TestCase[]): TestStatus {
  const ran = cases.map((testCase): TestStatus => {
    const result = testCase.results.at(-1);
    return result ? caseStatus(testCase, result) : 'interrupted';
  });
  if (ran.includes('failed')) return 'failed';
  if (ran.includes('timed_out')) return 'timed_out';
  if (ran.includes('interrupted')) return 'interrupted';
  return ran.every((status) => status === 'skipped') ? 'skipped' : 'passed';
}

export default RunlightReporter;
