import { z } from 'zod';
import { reportLimits } from './report-limits.ts';
import { reportedCase, reportEntry, reportInputs } from './reports.ts';
import { suitePipeLimits } from './suite-pipe-limits.ts';

/**
 * What the reporter of a suite and its worker say to each other: JSON, a line each, over a socket that Playwright's process has as
 * `RUNLIGHT_PIPE`. The suite's own code runs in that process, too, so a worker believes none of it unchecked.
 */

/** A case that would run, and what it must stay together with. */
export const groupedCase = reportedCase.extend({
  /** The same for cases of one project that must run in one part: a serial group, or a file with cases that run one after the other. */
  group: z.string().max(10_000),
  /** A case of a project that others depend on, or of its teardown: it runs in each part that needs it. */
  isSetup: z.boolean(),
});
export type GroupedCase = z.infer<typeof groupedCase>;

/** What a reporter says to its worker. */
export const suitePipeMessage = z.discriminatedUnion('type', [
  /** Entries of the report, in order. */
  z.object({ type: z.literal('entries'), entries: z.array(reportEntry).max(suitePipeLimits.entriesPerMessage) }),
  /** A file of the suite's machine: `entry` counts once the file is stored. It is complete, and is not written any more. */
  z.object({
    type: z.literal('file'),
    /** As in entries: relative to the part, with forward slashes. */
    file: z.string().min(1).max(1_000),
    /** Absolute, inside the sandbox. */
    path: z.string().min(1).max(8_000),
    /** What people call it. */
    name: z.string().max(reportLimits.title),
    entry: reportEntry.nullable(),
  }),
  /** With `--list`: cases that would run. A listing is one message or more, and then `end`. */
  z.object({ type: z.literal('cases'), cases: z.array(groupedCase).max(suitePipeLimits.casesPerMessage) }),
  /** The last message. A process that ends without it has ended early. */
  z.object({
    type: z.literal('end'),
    /** Playwright's own. */
    status: reportInputs.finish.shape.status,
    /** What is missing in the report, in words; null: nothing. */
    undelivered: reportInputs.finish.shape.undelivered,
    /** File of the HTML report, if there is one. */
    report: z.string().max(1_000).nullable(),
  }),
]);
export type SuitePipeMessage = z.infer<typeof suitePipeMessage>;

/** What a worker says to its reporter. */
export const suitePipeCommand = z.object({
  /** Stop Playwright, as Ctrl-C does. */
  type: z.literal('cancel'),
  by: z.string().nullable(),
});
export type SuitePipeCommand = z.infer<typeof suitePipeCommand>;

/** Which browsers a worker has for the suite. */
export const suiteBrowsers = z.object({
  /** Names of browsers and channels, such as `chromium`, `firefox`, `chrome`. */
  available: z.array(z.string()),
  /** Without FFmpeg: a file that is there once a video was to be recorded. */
  noVideo: z.string().optional(),
  /** What people call the worker. */
  worker: z.string(),
});
export type SuiteBrowsers = z.infer<typeof suiteBrowsers>;

/** The cases of a suite to run, and no others. */
export const suiteChoice = z.array(reportedCase.pick({ project: true, file: true, titlePath: true }));
export type SuiteChoice = z.infer<typeof suiteChoice>;
