import type { RunEventBody, TestError } from '#shared/events.ts';

export interface ReporterOptions {
  /** Absolute, as Playwright sees it. */
  outputDir: string;
  /** The scripts of the run, by position. Files are absolute. */
  tests: { name: string; file: string }[];
  /** Output beyond this is left out. */
  shownOutputBytes: number;
  /** Output beyond this is reported as `flood`. */
  outputBytes: number;
  maxSteps: number;
}

/** What the reporter sends to the worker. */
export type ReporterMessage =
  | { kind: 'event'; event: RunEventBody }
  /** The number of cases in each script, and the scripts without cases because another one uses `test.only`. */
  | { kind: 'begin'; cases: number[]; leftOut: number[] }
  | { kind: 'attachment'; position: number; name: string; path: string; contentType: string }
  /** An error outside of any case: a script does not load, or something fails between cases. */
  | { kind: 'fault'; position: number | null; loading: boolean; error: TestError }
  | { kind: 'crash'; position: number; how: string }
  /** The run has printed more than `outputBytes`. */
  | { kind: 'flood' };

export type Send = (message: ReporterMessage) => void;
