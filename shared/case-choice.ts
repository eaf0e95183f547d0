/** Which cases of a script a run executes. */
export interface CaseChoice {
  cases: ChosenCase[];
  /** All cases that begin in this line of the script, 1-based. */
  line?: number;
}

export interface ChosenCase {
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Titles of `describe` and `test`, joined with " › ". */
  title: string;
}
