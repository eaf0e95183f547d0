import type { Suite } from '@playwright/test/reporter';
import { keepChosen, type Plan } from '#shared/playwright/keep-chosen.ts';
import { titleSeparator } from '#shared/playwright/titles.ts';
import type { SuiteChoice } from '#shared/suite-pipe.ts';
import { identityOf } from '#sdk/reporter/suite-cases.ts';
import { count, listed } from '#sdk/reporter/words.ts';

/**
 * The chosen cases run and no others: those of their serial groups stay, and so do projects that theirs depend on, as a whole.
 */
export class ChosenCases {
  /** Titles by key. */
  readonly #titles: ReadonlyMap<string, string>;

  constructor(choice: SuiteChoice) {
    this.#titles = new Map(choice.map((chosen) => [keyOf(chosen), chosen.titlePath.join(titleSeparator)]));
  }

  keepIn(project: Suite, plan: Plan): void {
    const chosen = project.allTests().filter((testCase) => this.#titles.has(keyOf(identityOf(testCase))));
    keepChosen({ suite: project, testRun: plan }, chosen);
    if (chosen.length === 0) plan.exclude(project);
  }

  /** Chosen cases that the suite does not have, in words. */
  missingIn(suite: Suite): string | undefined {
    const found = new Set(suite.allTests().map((testCase) => keyOf(identityOf(testCase))));
    const missing = [...this.#titles].flatMap(([key, title]) => (found.has(key) ? [] : title));
    if (missing.length === 0) return undefined;
    return `${count(missing.length, 'chosen case is', 'chosen cases are')} not in the suite: ${listed(missing)}.`;
  }
}

function keyOf({ project, file, titlePath }: SuiteChoice[number]): string {
  return JSON.stringify([project, file, ...titlePath]);
}
