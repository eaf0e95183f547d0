import type { Suite, TestCase, TestResult } from '@playwright/test/reporter';
import type { RunEventBody } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import { errorsOf, joinErrors, unexpectedPass } from './errors.ts';
import { attemptStatus, caseStatus, decidingResult, didNotRun } from './statuses.ts';
import { annotationsOf, tagsOf, titleSeparator, titlesOf } from './titles.ts';

export type CaseEvent = Extract<RunEventBody, { type: 'case' }>;

/** A script of the run: one file, with any number of cases (Playwright's tests), in each project. */
export interface Script {
  position: number;
  name: string;
  /** Absolute. */
  file: string;
  cases: TestCase[];
}

export interface KnownCase {
  /** Index of the case in the run. */
  index: number;
  script: Script;
  title: string;
  /** Attempts that have begun and not ended. */
  open: Set<TestResult>;
  /** What the last event said. */
  sent: string;
}

/** The scripts and cases of the run. */
export class Cases {
  readonly scripts: readonly Script[];
  readonly #known = new Map<TestCase, KnownCase>();

  constructor(tests: readonly { name: string; file: string }[]) {
    this.scripts = tests.map(({ name, file }, position) => ({ position, name, file, cases: [] }));
  }

  /** Takes the cases that Playwright is going to run. */
  add(suite: Suite): void {
    const byFile = new Map(this.scripts.map((script) => [script.file, script]));
    for (const testCase of suite.allTests()) byFile.get(fileOf(testCase))?.cases.push(testCase);
    let index = 0;
    for (const script of this.scripts) {
      for (const testCase of script.cases) {
        const title = titlesOf(testCase).join(titleSeparator);
        this.#known.set(testCase, { index, script, title, open: new Set(), sent: '' });
        index += 1;
      }
      if (script.cases.length === 0) index += 1;
    }
  }

  /** All cases in order of their index, and each script without cases as one with an empty title path. */
  *list(): Generator<ListedCase> {
    for (const { position, cases } of this.scripts) {
      if (cases.length === 0)
        yield { position, project: '', file: '', titlePath: [], line: null, tags: [], annotations: [] };
      for (const testCase of cases)
        yield {
          position,
          project: projectOf(testCase),
          file: '',
          titlePath: titlesOf(testCase),
          line: lineOf(testCase),
          tags: tagsOf(testCase),
          annotations: annotationsOf(testCase.annotations),
        };
    }
  }

  get(testCase: TestCase): KnownCase | undefined {
    return this.#known.get(testCase);
  }

  [Symbol.iterator](): IterableIterator<[TestCase, KnownCase]> {
    return this.#known.entries();
  }
}

/** The state of a case: while an attempt runs, and as Playwright counts the attempts that have ended. */
export function toCaseEvent(
  testCase: TestCase,
  { index, script, title, open }: KnownCase,
  { isOver = false } = {},
): CaseEvent {
  const isRunning = open.size > 0;
  const status = isRunning ? (isOver ? 'interrupted' : 'running') : caseStatus(testCase);
  const isFailed = status === 'failed' || status === 'timed_out';
  const errors = isFailed ? failureOf(testCase, script) : [];
  const last = testCase.results.at(-1);
  return {
    type: 'case',
    index,
    // The worker knows what these are.
    caseId: '',
    part: 0,
    quarantined: false,
    position: script.position,
    project: projectOf(testCase),
    file: '',
    title,
    line: lineOf(testCase),
    status,
    attempt: last?.retry ?? 0,
    flaky: !isRunning && testCase.outcome() === 'flaky',
    duration: durationOf(testCase, open),
    error: joinErrors(errors),
    errors,
    // While an attempt runs, Playwright has those of the one before.
    annotations: isRunning ? null : annotationsOf(testCase.annotations),
  };
}

/** The errors of a case that Playwright counts as failed. */
export function failureOf(testCase: TestCase, { file }: Script) {
  const result = decidingResult(testCase);
  const isUnexpectedPass = result && attemptStatus(testCase, result) === 'failed' && result.status === 'passed';
  if (isUnexpectedPass) return [unexpectedPass(testCase)];
  return result ? errorsOf(result, file) : [];
}

function durationOf(testCase: TestCase, open: ReadonlySet<TestResult>): number | null {
  const ended = testCase.results.filter((result) => !open.has(result));
  if (ended.length === 0 || (open.size === 0 && didNotRun(testCase))) return null;
  return ended.reduce((sum, { duration }) => sum + Math.max(0, duration), 0);
}

/** Cases of the default project have the identity that they had when it had no name. */
function projectOf(testCase: TestCase): string {
  const name = testCase.titlePath()[1] ?? '';
  return name === 'chromium' ? '' : name;
}

/** A source map of the script can name another file and line. */
function fileOf(testCase: TestCase): string {
  for (let suite: Suite | undefined = testCase.parent; suite; suite = suite.parent)
    if (suite.type === 'file') return (suite as { _requireFile?: string })._requireFile ?? suite.location?.file ?? '';
  return testCase.location.file;
}

function lineOf({ location }: TestCase): number | null {
  return Number.isInteger(location.line) && location.line >= 0 ? location.line : null;
}
