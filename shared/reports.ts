import { z } from 'zod';
import { commitInput } from './commit-input.ts';
import { artifactKind, testError } from './events.ts';
import { id, lastEventId, nameOf } from './inputs.ts';
import { oneLine } from './one-line.ts';
import { reportLimits } from './report-limits.ts';
import { listedCase, partPhase } from './run-cases.ts';
import type { RunStatus } from './run-status.ts';
import { testStatus } from './run-status-schema.ts';
import { snapshotOfArtifact } from './snapshots.ts';

export { reportHeartbeatMs, reportLimits, reportLostMs, reportSilentMs } from './report-limits.ts';

const count = z.int().nonnegative().max(2_147_483_647);
const text = (most: number) => z.string().max(most, `must have at most ${most} characters`);
const title = text(reportLimits.title);
const error = testError.extend({ message: text(reportLimits.errorMessage), snippet: text(16_000).nullish() });
const place = { caseIndex: count, attempt: count };

/** A case of the part, as Playwright lists it. */
export const reportedCase = listedCase.extend({
  position: z.null(),
  project: title,
  file: title,
  titlePath: z.array(title).min(1).max(51),
  tags: z.array(title).max(reportLimits.tagsPerCase),
  annotations: z.array(z.object({ type: title, description: title.nullish() })).max(50),
});

/** What a reporter says of its part. Indexes of cases count from 0 in the part's own list. */
export const reportEntry = z.discriminatedUnion('type', [
  /** The list of the part's cases. The first entry, and once. */
  z.object({ type: z.literal('cases'), cases: z.array(reportedCase) }),
  /** The state of a case, when an attempt begins and ends. */
  z.object({
    type: z.literal('case'),
    index: count,
    status: testStatus,
    /** From 0. */
    attempt: count,
    flaky: z.boolean(),
    /** Milliseconds of all attempts that have ended; null for a case that did not run. */
    duration: z.number().nonnegative().nullable(),
    /** Of the last attempt. */
    errors: z.array(error).max(reportLimits.errorsPerCase),
    annotations: reportedCase.shape.annotations.nullish(),
    tags: reportedCase.shape.tags.nullish(),
  }),
  /** Sent twice with the same id: when the step starts and when it ends. An attempt is a step of category `case`. */
  z.object({
    type: z.literal('step'),
    ...place,
    /** Unique in the part. */
    id: text(40),
    parentId: text(40).nullable(),
    category: text(100),
    title,
    status: testStatus,
    duration: z.number().nonnegative().nullable(),
    error: error.nullable(),
    line: count.nullish(),
  }),
  z.object({
    type: z.literal('log'),
    stream: z.enum(['stdout', 'stderr']),
    text: text(reportLimits.text),
    caseIndex: count.nullish(),
    attempt: count.nullish(),
  }),
  /** A file that has been sent before. */
  z.object({
    type: z.literal('artifact'),
    /** As in the address to which it was sent. */
    file: text(1_000),
    kind: artifactKind,
    name: title,
    contentType: text(200),
    caseIndex: count.nullish(),
    attempt: count.nullish(),
    /** Its part in a comparison with a baseline. The baseline's path is relative to the folder of the suite's lock file. */
    snapshot: snapshotOfArtifact.nullish(),
  }),
  /** What the part does from now on. Before the list of cases, too. */
  z.object({ type: z.literal('phase'), phase: partPhase }),
  /** An error outside of any case: a file does not load, a setup fails. */
  z.object({ type: z.literal('error'), error }),
]);
export type ReportEntry = z.infer<typeof reportEntry>;

const address = oneLine(2_000).refine((url) => url == null || /^https?:\/\//.test(url), 'must be an http address');

/** The reporter process. It sends the same in every call, and a program that is started again another. */
const session = z.uuid();

const ofPart = { runId: id, part: count, session };

export const reportInputs = {
  begin: z.object({
    session,
    /** Name of the suite; the first report makes it. */
    suite: nameOf(200),
    build: z.object({
      /** The same for all shards of one run, and no other. */
      id: z.string().min(1).max(500),
      /** What the CI provider calls the attempt, where it has one. */
      attempt: oneLine(100),
      url: address,
      /** Such as `github`; null: not in a CI. */
      provider: oneLine(50),
    }),
    commit: commitInput.prefault({}),
    /** Playwright's `shard`, from 1; null: not sharded. */
    shard: z
      .object({ current: z.int().min(1), total: z.int().min(1).max(500) })
      .refine(({ current, total }) => current <= total, 'must be one of the shards')
      .nullable(),
    /** The reports of all shards were merged into this one. */
    merged: z.boolean().optional(),
    /** The machine. */
    executor: oneLine(200),
    versions: z.object({ playwright: text(50), reporter: text(50), node: text(50) }),
  }),
  /** `after`: the number of entries before these. */
  append: z.object({ ...ofPart, after: count, entries: z.array(reportEntry).max(reportLimits.entriesPerBatch) }),
  finish: z.object({
    ...ofPart,
    /** The number of all entries of the part. */
    after: count,
    /** Playwright's status of the run. */
    status: z.enum(['passed', 'failed', 'timedout', 'interrupted']),
    /** What the reporter could not deliver, in words; null: nothing. */
    undelivered: oneLine(1_000),
    /** File of the HTML report, if it was sent. */
    report: text(1_000).nullish(),
  }),
  onCommands: z.object({ ...ofPart, lastEventId }),
};

/** What Runlight wants a reporter to do. */
export const reportCommands = z.object({
  /** Version of the run. */
  version: z.int().nonnegative(),
  /** Stop Playwright. */
  cancel: z.object({ by: z.string().nullable(), at: z.string() }).nullable(),
  /** The part is over for Runlight: nothing of it is accepted any more. */
  isOver: z.boolean(),
});
export type ReportCommands = z.infer<typeof reportCommands>;

/**
 * In `data.report` of a CONFLICT: what a reporter can do. `gap`: send the entries after `acknowledged`. `busy`: another
 * reporter has the part; try again later. `taken`: another one has taken the part over. `over`: the part or its run is over.
 * `cancelled`: the run was cancelled before the part began; stop Playwright.
 */
export const reportRefusal = z.object({
  reason: z.enum(['gap', 'busy', 'taken', 'over', 'cancelled']),
  acknowledged: count.optional(),
  /** The run that is in the way. */
  runId: id.optional(),
});
export type ReportRefusal = z.infer<typeof reportRefusal>;

/** Answer to `reports.append`. */
export interface AppendedReport {
  /** Entries of the session that are stored. */
  acknowledged: number;
}

/** Answer to `reports.finish`. */
export interface FinishedReport {
  /** Of the run, which goes on while other parts do. */
  status: RunStatus;
}

/** Answer to `reports.begin`. */
export interface BegunReport {
  runId: string;
  /** From 0. */
  part: number;
  /** Entries of this session that are stored already. */
  acknowledged: number;
  /** Of a file, in bytes. */
  maxFileBytes: number;
  /** Of all files of the run, in bytes. */
  maxRunBytes: number;
  maxCases: number;
  /** Of the server; earlier ones do not say it. */
  version?: string | undefined;
}
