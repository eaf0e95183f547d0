import path from 'node:path';
import type { Suite, TestCase } from '@playwright/test/reporter';
import type { RunEventBody } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import { joinErrors, type Source } from '#shared/playwright/errors.ts';
import { type CaseState, type KnownCase, lineOf } from '#shared/playwright/known-case.ts';
import { annotationsOf, repetitionOf, tagsOf, titleSeparator, titlesOf } from '#shared/playwright/titles.ts';

/** The folder of the scripts. Code of Playwright and of Runlight is not shown. */
const specsDir = path.join(import.meta.dirname, '../specs/');

/** A script of the run: one file, with any number of cases (Playwright's tests), in each project. */
export interface Script {
  position: number;
  name: string;
  /** Absolute. */
  file: string;
  cases: TestCase[];
}

export interface ScriptCase extends KnownCase {
  script: Script;
  position: number;
}

/** The scripts and cases of the run. */
export class Cases {
  readonly scripts: readonly Script[];
  readonly #known = new Map<TestCase, ScriptCase>();

  constructor(tests: readonly { name: string; file: string }[]) {
    this.scripts = tests.map(({ name, file }, position) => ({ position, name, file, cases: [] }));
  }

  /** Takes the cases that Playwright is going to run. */
  add(suite: Suite): void {
    const byFile = new Map(this.scripts.map((script) => [script.file, script]));
    for (const testCase of suite.allTests()) byFile.get(fileOf(testCase))?.cases.push(testCase);
    let index = 0;
    for (const script of this.scripts) {
      const { position } = script;
      const source = sourceOf(script);
      for (const testCase of script.cases) {
        const title = titlesOf(testCase).join(titleSeparator);
        this.#known.set(testCase, { index, script, position, source, title, open: new Set(), sent: '' });
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
          repeat: repetitionOf(testCase),
          line: lineOf(testCase),
          tags: tagsOf(testCase),
          annotations: annotationsOf(testCase.annotations),
        };
    }
  }

  get(testCase: TestCase): ScriptCase | undefined {
    return this.#known.get(testCase);
  }

  [Symbol.iterator](): IterableIterator<[TestCase, ScriptCase]> {
    return this.#known.entries();
  }
}

/** In one message. */
const listedAtOnce = 500;

/** At least one batch. */
export function* batchesOf(cases: Iterable<ListedCase>): Generator<ListedCase[]> {
  let batch: ListedCase[] = [];
  for (const listed of cases) {
    batch.push(listed);
    if (batch.length < listedAtOnce) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** Code of errors is shown where it is a script's; lines are those of this one. */
export function sourceOf(script: Script | undefined): Source {
  return { file: script?.file, showsCodeOf: (file) => file.startsWith(specsDir) };
}

export function toCaseEvent(
  testCase: TestCase,
  { index, position, title }: ScriptCase,
  state: CaseState,
): Extract<RunEventBody, { type: 'case' }> {
  return {
    type: 'case',
    index,
    // The worker knows what these are.
    caseId: '',
    part: 0,
    quarantined: false,
    position,
    project: projectOf(testCase),
    file: '',
    title,
    line: lineOf(testCase),
    ...state,
    error: joinErrors(state.errors),
  };
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
