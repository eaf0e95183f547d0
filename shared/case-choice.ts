/** Which cases of a script a run executes. */
export interface CaseChoice {
  cases: ChosenCase[];
}

export interface ChosenCase {
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Titles of `describe` and `test`, joined with " › ". */
  title: string;
}
