import { reportLimits } from './report-limits.ts';

/** Bounds of the pipe. */
export const suitePipeLimits = {
  /** Of a message, in bytes: one with the list of cases is as long as the body of a request may be. */
  lineBytes: reportLimits.bytesPerBody,
  /** Entries of one message. */
  entriesPerMessage: reportLimits.entriesPerBatch,
  /** Cases of one message of a listing. */
  casesPerMessage: 1_000,
} as const;

/** Entries of this time go together, in ms. */
export const suitePipeBatchMs = 100;

/** The variables that start the reporter. */
export const suitePipeVariables = {
  /** The number of the socket's file descriptor. */
  pipe: 'RUNLIGHT_PIPE',
  /** The folder for contents that are not in a file yet. */
  files: 'RUNLIGHT_FILES',
  /** `SuiteBrowsers` as JSON. */
  browsers: 'RUNLIGHT_BROWSERS',
  /** A file with `SuiteChoice` as JSON. */
  choice: 'RUNLIGHT_CHOICE',
} as const;
