import type { TestCase, TestResult, TestStep } from '@playwright/test/reporter';
import type { RunEventBody } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { errorsOf, joinErrors, type Source, toTestError } from './errors.ts';
import type { KnownCase, Place } from './known-case.ts';
import type { Output } from './output.ts';
import { attemptStatus, isInternal, isSkipped } from './statuses.ts';

/** Steps of one attempt beyond this are left out. */
const shownPerAttempt = 1_000;

type StepEvent = Extract<RunEventBody, { type: 'step' }>;

interface Attempt {
  /** Unique in the run. The attempt itself is reported as a step of category `case`. */
  id: string;
  place: Place;
  source: Source;
  title: string;
  line: number | null;
  open: Set<TestStep>;
  count: number;
}

/** Reports attempts and their steps. */
export class Steps {
  readonly #most: number;
  readonly #output: Output;
  readonly #send: (event: StepEvent) => void;
  readonly #attempts = new Map<TestResult, Attempt>();
  readonly #ids = new WeakMap<TestStep, string>();
  #lastId = 0;
  #count = 0;

  /** `most`: steps of the run beyond this are left out. */
  constructor(most: number, output: Output, send: (event: StepEvent) => void) {
    this.#most = most;
    this.#output = output;
    this.#send = send;
  }

  beginAttempt(testCase: TestCase, result: TestResult, { source, title, index, position }: KnownCase): void {
    const place = { ...(position !== undefined && { position }), caseIndex: index, attempt: result.retry };
    const { line } = testCase.location;
    const attempt = {
      id: this.#nextId(place),
      place,
      source,
      title,
      line,
      open: new Set<TestStep>(),
      count: 0,
    };
    this.#attempts.set(result, attempt);
    this.#sendAttempt(attempt, { status: 'running', duration: null, error: null });
  }

  endAttempt(testCase: TestCase, result: TestResult): void {
    const attempt = this.#attempts.get(result);
    if (!attempt) return;
    this.#attempts.delete(result);
    for (const step of attempt.open) this.#sendStep(attempt, step, 'interrupted');
    const isExpected = result.status === testCase.expectedStatus;
    this.#sendAttempt(attempt, {
      status: attemptStatus(testCase, result),
      duration: Math.max(0, result.duration),
      error: isExpected ? null : joinErrors(errorsOf(result, attempt.source)),
    });
  }

  begin(result: TestResult, step: TestStep): void {
    const attempt = this.#attempts.get(result);
    if (!attempt || isInternal(step) || this.#isFull(attempt)) return;
    attempt.count += 1;
    this.#count += 1;
    if (this.#count === this.#most)
      this.#say(`Only the first ${this.#most} steps of the run are shown.`, attempt.place);
    else if (attempt.count === shownPerAttempt)
      this.#say(`Only the first ${shownPerAttempt} steps of this attempt are shown.`, attempt.place);
    this.#beginStep(attempt, step);
  }

  end(result: TestResult, step: TestStep): void {
    const attempt = this.#attempts.get(result);
    if (!attempt) return;
    if (!this.#ids.has(step)) {
      const isCause = step.error !== undefined && isInternal(step) && !step.steps.some(({ error }) => error);
      if (!isCause || this.#isFull(attempt)) return;
      this.#beginStep(attempt, step);
    }
    attempt.open.delete(step);
    this.#sendStep(attempt, step, step.error ? 'failed' : isSkipped(step) ? 'skipped' : 'passed');
  }

  #isFull(attempt: Attempt): boolean {
    return attempt.count >= shownPerAttempt || this.#count >= this.#most;
  }

  #say(text: string, place: Place): void {
    this.#output.say(`${text}\n`, place);
  }

  #nextId({ position }: Place): string {
    this.#lastId += 1;
    return position === undefined ? String(this.#lastId) : `${position}.${this.#lastId}`;
  }

  #beginStep(attempt: Attempt, step: TestStep): void {
    this.#ids.set(step, this.#nextId(attempt.place));
    attempt.open.add(step);
    this.#sendStep(attempt, step, 'running');
  }

  #sendAttempt({ id, place, title, line }: Attempt, state: Pick<StepEvent, 'status' | 'duration' | 'error'>): void {
    this.#send({ type: 'step', ...place, id, parentId: null, category: 'case', title, line, ...state });
  }

  #sendStep(attempt: Attempt, step: TestStep, status: TestStatus): void {
    const { place, source } = attempt;
    const isRunning = status === 'running';
    this.#send({
      type: 'step',
      ...place,
      id: this.#ids.get(step)!,
      parentId: this.#parentId(attempt, step),
      // Scripts can give values of any type.
      category: String(step.category),
      title: String(step.title),
      status,
      duration: isRunning || step.duration < 0 ? null : step.duration,
      error: step.error && !isRunning ? toTestError(step.error, source) : null,
      line: step.location?.file === source.file ? (step.location?.line ?? null) : null,
    });
  }

  #parentId(attempt: Attempt, step: TestStep): string {
    for (let parent = step.parent; parent; parent = parent.parent) {
      const id = this.#ids.get(parent);
      if (id !== undefined) return id;
    }
    return attempt.id;
  }
}
