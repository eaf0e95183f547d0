import { createHash } from 'node:crypto';
import type { TestCase } from '@playwright/test/reporter';

/** The same as in `shared/run-cases.ts`, which needs zod and is not in the folder of a run. */
export const titleSeparator = ' › ';

/** UTF-16 units of all titles of a case together, and of each of its other texts. */
const longest = 1_000;
/** Tags of a case, annotations of a case. */
const most = 50;

/** Titles of `describe` and `test`, outermost first. If they are too long, one title that is still unique to the case. */
export function titlesOf(testCase: TestCase): string[] {
  // The first three are Playwright's root, project and file.
  const titles = testCase.titlePath().slice(3);
  const joined = titles.join(titleSeparator);
  return joined.length > longest || titles.length > most ? [abridged(joined)] : titles;
}

/** Which repetition of its case it is, from 0; null if its project does not repeat cases. */
export function repetitionOf({ parent, repeatEachIndex }: TestCase): number | null {
  return (parent.project()?.repeatEach ?? 1) > 1 ? repeatEachIndex : null;
}

export function tagsOf(testCase: TestCase): string[] {
  return testCase.tags.slice(0, most).map((tag) => cut(String(tag)));
}

/** Scripts can give values of any type. */
export function annotationsOf(annotations: TestCase['annotations']): { type: string; description: string | null }[] {
  return annotations.slice(0, most).map(({ type, description }) => ({
    type: cut(String(type)),
    description: description === undefined ? null : cut(String(description)),
  }));
}

/** The beginning of a title, and a hash of all of it: the identity of a case is made of its title. */
function abridged(title: string): string {
  const hash = createHash('sha256').update(title).digest('hex').slice(0, 16);
  return `${title.slice(0, longest - 20)}… #${hash}`;
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
