import type { PartPhase } from '#shared/part-phases.ts';
import {
  isFailedTest,
  isTerminal,
  isLiveTest,
  isUnsuccessfulTest,
  type RunStatus,
  type TestStatus,
} from '#shared/run-status.ts';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { OutputOf } from '#sdk/client/procedures.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { cleanLine } from '#shared/clean-text.ts';

/** An entry of a run's log. */
export type RunEvent = OutputOf<Runlight['runs']['onEvents']>['data'];
export type CaseEvent = Extract<RunEvent, { type: 'case' }>;
export type PartEvent = Extract<RunEvent, { type: 'part' }>;
export type CaseError = NonNullable<CaseEvent['error']>;

/** A case that has begun, or a script that failed as a whole. Names are of one line and safe to show. */
export interface CaseView {
  /** In the run; undefined for a script. */
  index: number | undefined;
  /** Of the script in the run. */
  position: number | null;
  /** Script or file, and titles: `login.spec.ts:14 › Login › refuses a wrong password`. */
  name: string;
  /** Titles alone. */
  title: string;
  /** Relative to Playwright's `rootDir`, or the name of the script. */
  file: string;
  /** True if `file` is one. */
  hasFile: boolean;
  /** Of the Playwright project; empty for the only one. */
  project: string;
  /** Of the run; undefined if that has one. */
  part: number | undefined;
  line: number | null;
  status: TestStatus;
  attempt: number;
  flaky: boolean;
  quarantined: boolean;
  /** Ms. */
  duration: number | null;
  /** Epoch ms of the begin of this attempt. */
  begunAt: number;
  /** Of the last attempt. */
  errors: CaseError[];
  /** Of the failed attempts before. */
  earlier: CaseError[];
}

/** A case that failed and makes its run fail. */
export function isFailing({ status, quarantined }: Pick<CaseView, 'status' | 'quarantined'>): boolean {
  return isFailedTest(status) && !quarantined;
}

const noCounts = { passed: 0, failed: 0, flaky: 0, skipped: 0, quarantined: 0, interrupted: 0 };
export type Counts = typeof noCounts;

/** What the log of a run has told so far. Keeps little of cases that passed, since there may be many thousands. */
export class RunModel {
  readonly run: Run;
  readonly counts: Counts = { ...noCounts };
  /** In the order in which they began. */
  readonly running = new Map<number, CaseView>();
  /** Cases that did not pass or were flaky, by index, and scripts that failed as a whole; in the order of their ends. */
  readonly notable = new Map<number | string, CaseView>();
  status: RunStatus;
  /** Of the run as a whole. */
  errorDetails: string | null = null;
  startedAt: number | undefined;
  readonly #ended = new Map<number, keyof Counts>();
  readonly #flaky = new Set<number>();
  /** By number, as they were told last. */
  readonly parts = new Map<number, PartEvent>();
  /** What parts do before their first case runs. */
  readonly phases = new Map<number, Exclude<PartPhase, 'cases'>>();
  readonly #scripts: Map<number, string>;

  constructor(run: Run) {
    this.run = run;
    this.status = 'queued';
    this.#scripts = new Map(run.tests.map(({ position, name }) => [position, cleanLine(name)]));
  }

  /** Cases of the run; those of a script that is not loaded yet are one. */
  get total(): number {
    const listed = [...this.parts.values()].reduce((sum, { total }) => sum + total, 0);
    return Math.max(listed || this.run.total, this.#ended.size + this.running.size);
  }

  get done(): number {
    return this.#ended.size;
  }

  /** Failures in the order in which they came. */
  get failures(): CaseView[] {
    return [...this.notable.values()].filter(isFailing);
  }

  /** Answers the case that the entry is of, if it is of one. */
  apply(event: RunEvent): CaseView | undefined {
    switch (event.type) {
      case 'status':
        this.status = event.status;
        this.errorDetails = event.errorDetails ?? null;
        if (event.status === 'running') this.startedAt ??= Date.parse(event.at);
        return undefined;
      case 'part':
        this.#applyPart(event);
        return undefined;
      case 'case':
        return this.#applyCase(event);
      case 'test':
        return this.#applyScript(event);
      default:
        return undefined;
    }
  }

  #applyPart(event: PartEvent): void {
    const { part, phase, status } = event;
    this.parts.set(part, event);
    if (phase === 'cases' || isTerminal(status)) this.phases.delete(part);
    else if (phase) this.phases.set(part, phase);
  }

  #applyCase(event: CaseEvent): CaseView {
    const { index, attempt, status } = event;
    const before = this.running.get(index) ?? this.notable.get(index);
    const view: CaseView = {
      index,
      position: event.position ?? null,
      part: this.run.parts.length > 1 ? event.part : undefined,
      ...this.#namesOf(event),
      status,
      attempt,
      flaky: event.flaky,
      quarantined: event.quarantined,
      duration: event.duration,
      begunAt: before?.attempt === attempt ? before.begunAt : Date.parse(event.at),
      errors: event.errors ?? (event.error ? [event.error] : []),
      earlier: before?.attempt === attempt ? before.earlier : [...(before?.earlier ?? []), ...(before?.errors ?? [])],
    };
    this.#forget(index);
    if (isLiveTest(status)) {
      this.running.set(index, view);
      return view;
    }
    this.#count(index, view);
    if (isUnsuccessfulTest(status) || view.flaky) this.notable.set(index, view);
    return view;
  }

  /** The state of a case is replaced by another one. */
  #forget(index: number): void {
    this.running.delete(index);
    this.notable.delete(index);
    const counted = this.#ended.get(index);
    if (counted) this.counts[counted] -= 1;
    this.#ended.delete(index);
    if (this.#flaky.delete(index)) this.counts.flaky -= 1;
  }

  #count(index: number, view: CaseView): void {
    const key = countOf(view);
    this.counts[key] += 1;
    this.#ended.set(index, key);
    if (!view.flaky) return;
    this.counts.flaky += 1;
    this.#flaky.add(index);
  }

  /** A script that failed without a failed case did not load, or broke outside of its cases. */
  #applyScript(event: Extract<RunEvent, { type: 'test' }>): CaseView | undefined {
    const key = `script ${event.position}`;
    this.notable.delete(key);
    if (!isFailedTest(event.status)) return undefined;
    if ([...this.notable.values()].some((view) => view.position === event.position && isFailedTest(view.status)))
      return undefined;
    const name = cleanLine(event.name);
    const view: CaseView = {
      index: undefined,
      position: event.position,
      name,
      title: '',
      file: name,
      hasFile: false,
      project: '',
      part: undefined,
      line: event.error?.line ?? null,
      status: event.status,
      attempt: 0,
      flaky: false,
      quarantined: false,
      duration: event.duration,
      begunAt: Date.parse(event.at),
      earlier: [],
      errors: event.error ? [event.error] : [],
    };
    this.notable.set(key, view);
    return view;
  }

  #namesOf({ file, title, project, position, line = null }: CaseEvent) {
    const script = position == null ? undefined : this.#scripts.get(position);
    const names = { file: cleanLine(file) || (script ?? this.run.name), title: cleanLine(title) };
    const isAlone = file === '' && this.#scripts.size <= 1;
    const place = isAlone ? undefined : file === '' || line === null ? names.file : `${names.file}:${line}`;
    const cleanProject = cleanLine(project);
    const name = [cleanProject && `[${cleanProject}]`, place, names.title].filter(Boolean).join(' › ');
    return { ...names, name, project: cleanProject, hasFile: file !== '', line };
  }

  /** The run is over: what still ran has been interrupted. */
  settle(): void {
    for (const [index, view] of this.running) {
      this.#forget(index);
      const interrupted: CaseView = { ...view, status: 'interrupted' };
      this.#count(index, interrupted);
      this.notable.set(index, interrupted);
    }
  }
}

function countOf({ status, quarantined }: CaseView): keyof Counts {
  if (isFailedTest(status)) return quarantined ? 'quarantined' : 'failed';
  if (status === 'interrupted') return 'interrupted';
  return status === 'skipped' ? 'skipped' : 'passed';
}
