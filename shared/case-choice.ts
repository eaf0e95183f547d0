/** Which cases of a script a run executes: those named, or those whose `test()` begins in this line of the script. */
export type CaseChoice = { cases: ChosenCase[] } | { line: number };

export interface ChosenCase {
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Titles of `describe` and `test`, joined with " › ". */
  title: string;
}
