import type { RunEventBody, TestError } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';

export interface ReporterOptions {
  /** Absolute, as Playwright sees it. */
  outputDir: string;
  /** The scripts of the run, by position. Files are absolute. */
  tests: { name: string; file: string }[];
  /** Output beyond this is left out. */
  shownOutputBytes: number;
  /** Output beyond this is reported as `flood`. */
  outputBytes: number;
  /** A run with more cases is reported as `crowd`. */
  cases: number;
  /** Steps of the run beyond this are left out. */
  shownSteps: number;
  /** Replaces the message of a browser that could not be launched, where the worker has none. */
  noBrowser?: string | undefined;
  /** The worker chooses which cases run. */
  choosesCases: boolean;
}

/**
 * Facts about the processes that evaluate scripts. Playwright does not pass them on; the program around it (`main-script.ts`)
 * observes them, and keeps this object up to date.
 */
export interface ProcessFacts {
  /** Set while a process reports the end of this attempt; undefined when Playwright ends an attempt itself. */
  ending: { testId: string; refusals: Refusal[] } | undefined;
  /** By the error that Playwright makes of the exit of a process: the script that ran in the process, and how it ended. */
  exits: Map<string, { file: string | undefined; code: number | null; signal: string | null }>;
  /** The folder of an attempt in the folder of results. */
  folderOf(test: object, retry: number): string;
  /** Resolves to the worker's answer to `choose`: indexes in the list of candidates. */
  chosen: Promise<number[]>;
}

/** A call of the operating system that failed, from the fields that Node.js gives its errors. */
export interface Refusal {
  /** Index in the errors of the attempt. */
  error: number;
  /** Such as `EMFILE`. */
  code: string;
  /** Such as `open`. */
  syscall: string;
}

/** An attempt of a case, and the script's position in the run. */
export interface Place {
  position: number;
  caseIndex: number;
  attempt: number;
}

/** What the reporter sends to the worker. */
export type ReporterMessage =
  | { kind: 'event'; event: RunEventBody }
  /** The next cases that the worker can choose from, in order, as in `listed`. */
  | { kind: 'candidates'; cases: ListedCase[] }
  /** All candidates are listed. The worker answers which of them to run. */
  | { kind: 'choose' }
  /** The next cases of the run, in order. A script without cases is in the list once, with an empty title path. */
  | { kind: 'listed'; cases: ListedCase[] }
  /** All cases are listed. The scripts in `leftOut` have none because another one uses `test.only`. */
  | { kind: 'begin'; leftOut: number[] }
  | ({ kind: 'attachment'; name: string; path: string; contentType: string } & Place)
  /** The attempt may have left files in this folder, relative to the folder of output. */
  | ({ kind: 'folder'; path: string } & Place)
  /** An error outside of any case: a script does not load, or something fails between cases. */
  | { kind: 'fault'; position: number | null; loading: boolean; error: TestError }
  /** A script fails because the process that ran it has ended. */
  | { kind: 'crash'; position: number | null; code: number | null; signal: string | null }
  /** A script fails because the worker has no browser. */
  | { kind: 'no-browser'; position: number }
  /** A script fails with a call that the operating system has refused. */
  | { kind: 'refusal'; position: number; code: string; syscall: string }
  /** The run has printed more than `outputBytes`. */
  | { kind: 'flood' }
  /** The run has more than the allowed number of cases. */
  | { kind: 'crowd' };

export type Send = (message: ReporterMessage) => void;
