import { z } from 'zod';
import { partPhases } from './part-phases.ts';
import { runStatus, testStatus } from './run-status-schema.ts';

const count = z.int().nonnegative();

/** What Playwright calls an annotation: `test.skip(…, reason)` and `test.info().annotations`. */
export const caseAnnotation = z.object({ type: z.string(), description: z.string().nullish() });
export type CaseAnnotation = z.infer<typeof caseAnnotation>;

/** A case as Playwright lists it before the first one runs. */
export const listedCase = z.object({
  /** Position of the script in the run, from 0; null in a run of a suite. */
  position: count.nullable(),
  /** Name of the Playwright project; empty for the only one. */
  project: z.string(),
  /** Relative to Playwright's `rootDir`; empty for a script. */
  file: z.string(),
  /** Titles of `describe` and `test`, outermost first. */
  titlePath: z.array(z.string()),
  /** Playwright's `repeatEachIndex`, where the project repeats its cases. Titles of suites say it, too. */
  repeat: count.nullish(),
  /** 1-based. */
  line: count.nullable(),
  /** With `@`. */
  tags: z.array(z.string()),
  annotations: z.array(caseAnnotation),
});
export type ListedCase = z.infer<typeof listedCase>;

/** Playwright's separator of titles. */
export const titleSeparator = ' › ';

/**
 * State of a case, short since a run has thousands: index in the run, status, attempt (from 0), milliseconds of all ended
 * attempts (null: none has ended), and letters for `flaky` (f) and `quarantined` (q).
 */
export const caseState = z.tuple([count, testStatus, count, z.number().nullable(), z.string()]);
export type CaseState = z.infer<typeof caseState>;

/** Counts of the cases of a run. */
export const caseCounts = z.object({
  /** Until Playwright has listed the cases of a script, and if it cannot, the script counts as one case. */
  total: count,
  passed: count,
  /** Without those in quarantine. */
  failed: count,
  skipped: count,
  /** Also counted in `passed`. */
  flaky: count,
  /** Cases among `skipped` that did not run. */
  notRun: count,
  /** Failed cases in quarantine. */
  quarantined: count,
});
export type CaseCounts = z.infer<typeof caseCounts>;

export const partPhase = z.enum(partPhases);

export const partState = z.object({
  /** From 0. */
  part: count,
  status: runStatus,
  total: count,
  /** Index in the run of the part's first case. */
  firstIndex: count,
  /** Changes when the list of cases does; null until they are known. */
  casesHash: z.string().nullable(),
  executor: z.string().nullable(),
  startedAt: z.string().nullable(),
  completedAt: z.string().nullable(),
  /** Of the last sign of life. */
  heartbeatAt: z.string().nullable(),
  /** A reported part that has given no sign of life for 20 s. Watchers get an event when that changes. */
  silent: z.boolean().nullish(),
  /** Phases that have begun, and when. Earlier versions do not send them. */
  phases: z.array(z.object({ phase: partPhase, at: z.string() })).nullish(),
  /** Why the part has no verdict: see `run-error-code.ts`. */
  errorCode: z.string().nullish(),
  errorDetails: z.string().nullish(),
});
export type PartState = z.infer<typeof partState>;

/** `run:${runId}:cases`: what one change of a run changed in its cases. Sent for each version of the run, without gaps. */
export const caseChanges = z.object({
  /** Version of the run. */
  version: count,
  status: runStatus,
  counts: caseCounts,
  /** All parts, if one of them has changed. */
  parts: z.array(partState).nullish(),
  /** The changed cases. */
  cases: z.array(caseState),
});
export type CaseChanges = z.infer<typeof caseChanges>;
