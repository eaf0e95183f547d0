import type { CaseChoice, ChosenCase } from '#shared/case-choice.ts';
import { type ListedCase, titleSeparator } from '#shared/run-cases.ts';
import { storableText } from '#server/lib/storable-text.ts';

/** Longest stored title, in UTF-16 units. */
const longestTitle = 1_000;

/** Finds the chosen cases among all cases of the run's scripts. */
export class CaseSelection {
  readonly #choices: readonly (CaseChoice | null | undefined)[];
  readonly #candidates: ListedCase[] = [];
  #total = 0;
  #missing: ChosenCase[] = [];
  /** Lines in which no case begins. */
  #emptyLines: number[] = [];

  /** `choices`: by position of the script. A script without a choice runs whole. */
  constructor(choices: readonly (CaseChoice | null | undefined)[]) {
    this.#choices = choices;
  }

  add(cases: readonly ListedCase[]): void {
    this.#candidates.push(...cases);
  }

  /** Indexes of the cases to run, in the order in which they were added. */
  choose(): number[] {
    const wanted = new Map<string, ChosenCase>();
    for (const [position, choice] of this.#choices.entries())
      for (const it of choice?.cases ?? []) wanted.set(keyOf(position, it), it);
    const missing = new Map(wanted);
    const empty = new Map<number, number>();
    for (const [position, choice] of this.#choices.entries())
      if (choice?.line !== undefined) empty.set(position, choice.line);
    const chosen = this.#candidates.flatMap((listed, index) => {
      const position = listed.position ?? 0;
      if (!this.#choices[position]) return index;
      const title = listed.titlePath.map((it) => storableText(it, longestTitle)).join(titleSeparator);
      const key = keyOf(position, { project: listed.project, title });
      missing.delete(key);
      const isInLine = listed.line !== null && listed.line === this.#choices[position].line;
      if (isInLine) empty.delete(position);
      return isInLine || wanted.has(key) ? index : [];
    });
    this.#total = wanted.size;
    this.#missing = [...missing.values()];
    this.#emptyLines = [...empty.values()];
    return chosen;
  }

  /** Undefined when all chosen cases exist. */
  describeMissing(): string | undefined {
    const [line] = this.#emptyLines;
    if (line !== undefined) return `No test begins in line ${line} of the script. Run all of it.`;
    const count = this.#missing.length;
    if (count === 0) return undefined;
    return (
      `${count} of ${this.#total} chosen cases are not in the script any more, such as "${this.#missing[0]!.title}". ` +
      'A case with a title that changes from run to run cannot be chosen: run all.'
    );
  }
}

function keyOf(position: number, { project, title }: ChosenCase): string {
  return JSON.stringify([position, project, title]);
}
