import type { Run } from '#sdk/testing/wait-for-run.ts';
import type { CaseView, RunEvent, RunModel } from '#sdk/cli/model/run-model.ts';

/** Shows a run while it goes on. */
export interface RunView {
  /** Kinds of entries of the log that it shows; null: all. */
  readonly types: RunEvent['type'][] | null;
  begin(model: RunModel): void;
  /** `changed` is the case that the entry belongs to, if it belongs to one. */
  show(event: RunEvent, changed: CaseView | undefined): void;
  /** The stream is cut, with the reason; undefined: it goes on. */
  connection(lost: string | undefined): void;
  /** Shows a message to the user while the run goes on. */
  notice(text: string): void;
  /** The run is over; `again` are the commands that run again what failed, where it is not run by Runlight. */
  end(run: Run, again: readonly string[]): void;
  /** Leaves the terminal as it was. Called once, also without an end. */
  close(): void;
}
