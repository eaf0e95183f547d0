import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { specs, withOnly } from '#server/testing/generated-specs.ts';
import {
  type Spec,
  type Verdicts,
  verdictsOfPlaywright,
  verdictsOfRunlight,
} from '#server/testing/playwright-verdicts.ts';

/**
 * Share of the files that are compared; without it, a few of each kind. `npm run verdicts` compares all of them, `VERDICTS=10`
 * ten times as many, and `VERDICTS_SEED` generates other files.
 */
const times = process.env.VERDICTS === undefined ? undefined : Number(process.env.VERDICTS);
const seed = Number(process.env.VERDICTS_SEED ?? 14);
const counts = { files: 0, cases: 0, attempts: 0, passed: 0, runs: 0 };
const outcomes = new Map<string, number>();

afterAll(() => {
  const kinds = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  process.stdout.write(
    `\n  ${counts.files} files with ${counts.cases} cases and ${counts.attempts} attempts (${kinds}) in ${counts.runs} runs, of which ${counts.passed} passed: Runlight and Playwright agree.\n\n`,
  );
});

async function compare(files: readonly Spec[]): Promise<void> {
  const [ours, theirs] = await Promise.all([verdictsOfRunlight(files), verdictsOfPlaywright(files)]);
  expect(withFiles(ours, files)).toEqual(withFiles(theirs, files));
  counts.files += files.length;
  counts.runs += 1;
  counts.passed += theirs.passed ? 1 : 0;
  for (const verdict of Object.values(theirs.cases)) {
    const [outcome, attempts] = verdict.split(': ') as [string, string];
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    counts.cases += 1;
    counts.attempts += attempts.split(', ').length;
  }
}

/** The verdicts by file. A file on which there is disagreement is shown whole. */
function withFiles({ passed, cases }: Verdicts, files: readonly Spec[]) {
  const byFile = files.map(({ text }, index): [string, string[]] => {
    const prefix = `${String(index).padStart(3, '0')}-file.spec.ts › `;
    const own = Object.entries(cases).filter(([title]) => title.startsWith(prefix));
    return [text, own.map(([title, verdict]) => `${title} → ${verdict}`).sort()];
  });
  return { passed, byFile };
}

function batches(files: readonly Spec[], size: number): Spec[][] {
  return Array.from({ length: Math.ceil(files.length / size) }, (_, index) =>
    files.slice(index * size, (index + 1) * size),
  );
}

const settings: Spec['settings'][] = [
  { name: 'tries again', retries: 1 },
  { name: 'tries again', retries: 2 },
  { workers: 2, retries: 1 },
  {},
];

/** Generates `count` files, or `few` where the share is not given. */
function sample(mood: 'mixed' | 'green', count: number, few: number, seedOf = seed): Spec[] {
  return fc
    .sample(specs(mood), { numRuns: times === undefined ? few : Math.ceil(count * times), seed: seedOf })
    .map((text) => ({ text, settings: {} }));
}

/** Every two files share a project. Two of the projects have the same name. */
const inProjects = (files: Spec[]) =>
  files.map(({ text }, index) => ({ text, settings: settings[Math.floor(index / 2) % settings.length]! }));
const only = (files: Spec[]) => files.map(({ text }) => [{ text: withOnly(text), settings: {} }]);

describe('runs and cases have the verdicts that `npx playwright test` gives', () => {
  const compareAll = async (...files: Spec[]) => compare(files);
  it.each(batches(sample('mixed', 200, 12), 40))('in a run of many files', compareAll);
  it.each(batches(sample('green', 72, 6), 12))('in a run in which all files may pass', compareAll);
  it.each(batches(inProjects(sample('mixed', 32, 4, seed + 1)), 32))('in a run with projects', compareAll);
  it.each(batches(sample('mixed', 4, 1, seed + 2), 1))('in a run of one file', compareAll);
  it.each(only(sample('mixed', 2, 1, seed + 3)))('in a run of one file with test.only', compareAll);
});
