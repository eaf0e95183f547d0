import path from 'node:path';
import type { Suite, TestCase } from '@playwright/test/reporter';
import { withRepetition } from '#shared/repetitions.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import { type KnownCase, lineOf } from '#shared/playwright/known-case.ts';
import { annotationsOf, repetitionOf, tagsOf, titleSeparator, titlesOf } from '#shared/playwright/titles.ts';
import { cut } from './entries.ts';
import { reportLimits } from '#shared/report-limits.ts';

/** Code of packages is not shown: it is not the team's. */
const showsCodeOf = (file: string) => !/[\\/]node_modules[\\/]/.test(file);

/** The cases that Playwright is going to run in this process, in its order. */
export class SuiteCases {
  readonly #known = new Map<TestCase, KnownCase>();
  readonly listed: (ListedCase & { position: null })[] = [];

  /** `rootDir`: Playwright's. */
  constructor(suite: Suite, rootDir: string) {
    for (const testCase of suite.allTests()) this.#add(testCase, rootDir);
  }

  get(testCase: TestCase): KnownCase | undefined {
    return this.#known.get(testCase);
  }

  [Symbol.iterator](): IterableIterator<[TestCase, KnownCase]> {
    return this.#known.entries();
  }

  #add(testCase: TestCase, rootDir: string): void {
    const listed = listedCaseOf(testCase, rootDir);
    this.#known.set(testCase, {
      index: this.listed.length,
      title: cut(listed.titlePath.join(titleSeparator), reportLimits.title),
      source: { file: fileOf(testCase, rootDir), showsCodeOf },
      open: new Set(),
      sent: '',
    });
    this.listed.push(listed);
  }
}

export function listedCaseOf(testCase: TestCase, rootDir: string): ListedCase & { position: null } {
  return {
    position: null,
    ...identityOf(testCase),
    ...repeated(testCase),
    // A test that a helper defines has its line in the file of the helper.
    line: testCase.location.file === fileOf(testCase, rootDir) ? lineOf(testCase) : null,
    tags: tagsOf(testCase),
    annotations: annotationsOf(testCase.annotations),
  };
}

/** By which a case is the same in each run. */
export function identityOf(testCase: TestCase): Pick<ListedCase, 'project' | 'file' | 'titlePath'> {
  const [, project = '', file = ''] = testCase.titlePath();
  return {
    project: cut(project, reportLimits.title),
    file: cut(file.replaceAll('\\', '/'), reportLimits.title),
    // With `repeatEach`, each repetition is a case of its own.
    titlePath: withRepetition(titlesOf(testCase), testCase.repeatEachIndex ?? 0),
  };
}

function fileOf(testCase: TestCase, rootDir: string): string {
  return path.resolve(rootDir, testCase.titlePath()[2] ?? '');
}

/** Nothing for most cases, since a suite has thousands. */
function repeated(testCase: TestCase): { repeat?: number } {
  const repeat = repetitionOf(testCase);
  return repeat === null ? {} : { repeat };
}
