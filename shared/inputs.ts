import { z } from 'zod';
import { commitInput } from './commit-input.ts';
import { runEventTypes, runKind, runTrigger } from './events.ts';
import { gitBranch } from './git-branch.ts';
import { runStatus, testStatus } from './run-status-schema.ts';
import { repetitionLimits } from './repetitions.ts';
import { baselinePath } from './snapshots.ts';
import { testSettings } from './test-settings-schema.ts';

/** Largest script that a test may have, in UTF-8 bytes. */
export const maxScriptBytes = 1024 * 1024;

export const id = z.uuid('must be an id as returned by this API');

/** A client may send any `lastEventId`. An unknown one means "from the start". */
export const lastEventId = z.string().nullish().catch(null);

/** Postgres cannot store NUL. */
export const withoutNul = (text: z.ZodString) =>
  text.refine((value) => !value.includes('\0'), 'must not contain a NUL character');

/** Characters that are invisible or change how other text is shown: line ends, control characters, direction marks. */
const deceptive = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** A name on one line, as lists and the audit log show it. */
export const nameOf = (maxChars: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(maxChars, `must have at most ${maxChars} characters`)
    .refine((value) => !deceptive.test(value), 'must not contain line breaks, control characters or direction marks');

export const name = nameOf(200);

const script = withoutNul(
  z.string().refine((text) => text.trim() !== '', 'must not be empty: write at least one test()'),
);

/** How JavaScript writes a value that is not there: such a key would be the same for every build. */
const ofNothing = /(?:^|[^\p{L}])(?:undefined|null|NaN|\[object Object\])(?:$|[^\p{L}])/u;

export const idempotencyKey = withoutNul(
  z.string().min(1, 'must not be empty').max(200, 'must have at most 200 characters'),
)
  .refine((key) => !ofNothing.test(key), {
    error: ({ input }) =>
      `"${String(input)}" was made of a value that is not there. Leave the key out where there is no build id`,
  })
  .optional();

export const cursor = z.string().max(500).nullish();
export const time = z.iso
  .datetime({ offset: true, error: 'must be an ISO-8601 time such as "2026-01-31T07:00:00Z"' })
  // Postgres has no year 0.
  .refine((value) => value >= '0001-01-02', 'must be after the year 0');
export const limit = z.int().min(1).max(200).default(50);

/** The `updatedAt` on which the change is based. The change is refused if the stored one differs. */
export const expectedUpdatedAt = time.optional();

/** Of a case, an attempt, a part or a log entry: from 0, and Postgres' largest integer at most. */
const index = z.int().nonnegative().max(2_147_483_647);

/** Indexes of cases in a run. */
const casesOfRun = z.array(index).min(1, 'must name at least one case').max(200, 'must name at most 200 cases');

/** Number of newest runs. */
export const historyLimit = z.int().min(1).max(200).default(50);

export const timeoutMs = z
  .int()
  .min(1_000, 'must be at least 1,000 ms')
  .max(24 * 3_600_000, 'must be at most 24 hours')
  .nullish();

export const archived = z.boolean().optional();

/** `new`: the newest first. `failed`: by the last failure. */
export const testSorts = ['new', 'failed', 'flaky', 'slow'] as const;
export type TestSort = (typeof testSorts)[number];

export const testInputs = {
  list: z
    .object({
      search: z.string().max(200).optional(),
      sort: z.enum(testSorts).default('new'),
      /** True: the archived tests, instead of the others. */
      archived,
      cursor,
      limit,
    })
    .prefault({}),
  byId: z.object({ testId: id }),
  create: z.object({ name, script, settings: testSettings.optional() }),
  update: z.object({
    testId: id,
    name: name.optional(),
    script: script.optional(),
    /** Replaces all settings of the test. */
    settings: testSettings.optional(),
    expectedUpdatedAt,
  }),
  history: z.object({ testId: id, limit: historyLimit }),
  run: z.object({
    testId: id,
    idempotencyKey,
    commit: commitInput.optional(),
    /** Runs only the cases that begin in this line of the script, 1-based. */
    line: z.int().min(1).max(1_000_000).optional(),
  }),
  onStatus: z.object({ testId: id, runId: id.nullish(), lastEventId }),
};

const branch = z.string().min(1, 'must not be empty').max(300, 'must have at most 300 characters');

export const suiteInputs = {
  /** `archived`: as for tests. */
  list: z.object({ search: z.string().max(200).optional(), archived, cursor, limit }).prefault({}),
  byId: z.object({ suiteId: id }),
  history: z.object({ suiteId: id, branch: branch.optional(), limit: historyLimit }),
  /** Without `suiteId`: those of all suites. */
  branches: z.object({ suiteId: id.optional() }).prefault({}),
  /** Null: `main`, else `master`. */
  setBaseBranch: z.object({ suiteId: id, branch: gitBranch.nullable() }),
};

export const snapshotInputs = {
  list: z.object({ testId: id }),
  ofRun: z.object({ runId: id }),
  accept: z.object({
    runId: id,
    /** Path of the artifact that was taken, with the role `actual`. */
    artifactPath: z.string().min(1).max(2_000),
  }),
  remove: z.object({ testId: id, path: baselinePath }),
};

export const runInputs = {
  list: z
    .object({
      testId: id.optional(),
      jobId: id.optional(),
      suiteId: id.optional(),
      branch: branch.optional(),
      /** The beginning of its hash. */
      commit: z
        .string()
        .regex(/^[\da-f]{4,64}$/i, 'must be the hash of a commit, or at least its first 4 digits')
        .optional(),
      kind: runKind.optional(),
      status: z.array(runStatus).min(1).optional(),
      trigger: z.array(runTrigger).min(1).optional(),
      /** Part of the run's name or of `triggeredBy`, in any letter case; or the run's whole id. */
      search: z.string().max(200).optional(),
      /** Queued at this time or later. */
      since: time.optional(),
      /** Queued before this time. */
      until: time.optional(),
      cursor,
      limit,
    })
    .prefault({}),
  byId: z.object({ runId: id }),
  /** `with`: another run of the same. `limit`: the cases of each change that are named; all are counted. */
  compare: z.object({ runId: id, with: id.optional(), limit: z.int().min(0).max(200).default(200) }),
  /** Cases that failed, by their indexes in the run. */
  firstFailures: z.object({ runId: id, indexes: casesOfRun }),
  /** `failedOnly`: only the tests that failed, timed out or were interrupted. */
  retry: z.object({ runId: id, failedOnly: z.boolean().optional(), idempotencyKey }),
  follow: z.object({ runId: id, lastEventId }),
  /** Entries of one case, or of one attempt of it; `types` leaves out all others. */
  onEvents: z.object({
    runId: id,
    caseId: id.nullish(),
    caseIndex: index.nullish(),
    attempt: index.nullish(),
    types: z.array(z.enum(runEventTypes)).min(1).nullish(),
    lastEventId,
  }),
  manifest: z.object({ runId: id, part: index }),
  cases: z.object({
    runId: id,
    /** `flaky` and `quarantined` are marks that cases have beside their status. */
    status: z
      .array(z.union([testStatus, z.enum(['flaky', 'quarantined'])]))
      .min(1)
      .optional(),
    /** Name of the Playwright project. */
    project: z.string().max(1_000).optional(),
    /** A file, or the name of a script. */
    file: z.string().max(1_000).optional(),
    part: index.optional(),
    /** Part of the title or file in any letter case, or a whole tag with `@`. */
    search: z.string().max(200).optional(),
    sort: z.enum(['index', 'slowest']).optional(),
    cursor,
    limit,
  }),
  case: z.object({ runId: id, index }),
  /** `attempt`: from 0. */
  steps: z.object({ runId: id, caseIndex: index, attempt: index }),
  /** The newest entries, those before `before`, or those after `after`; of the whole run, of a case, or of an attempt of it. */
  log: z
    .object({
      runId: id,
      caseIndex: index.optional(),
      attempt: index.optional(),
      before: index.optional(),
      after: index.optional(),
      limit: z.int().min(1).max(500, 'must be at most 500: ask for several windows').default(500),
    })
    .refine(({ before, after }) => before === undefined || after === undefined, {
      path: ['after'],
      message: 'must not be given together with before',
    }),
};

/** Cases by what is wrong with them. `failing`: the newest verdict is a failure. `new`: first seen in the window. */
export const caseSorts = ['flaky', 'slow', 'failing', 'new'] as const;
export type CaseSort = (typeof caseSorts)[number];

const gridLimit = z.int().min(1).max(50).default(20);

export const caseInputs = {
  byId: z.object({ caseId: id }),
  repeat: z.object({
    caseId: id,
    times: z
      .int('must be a whole number')
      .min(repetitionLimits.least, `must be at least ${repetitionLimits.least}`)
      .max(repetitionLimits.most, `must be at most ${repetitionLimits.most}`)
      .default(repetitionLimits.default),
    /** Of what this run ran. Default: the newest bundle of its suite, or its test as it is now. */
    runId: id.optional(),
    idempotencyKey,
  }),
  /** `branch`: only results of its runs. */
  history: z.object({ caseId: id, branch: branch.optional(), limit: historyLimit }),
  /** Cases by their indexes in a run. */
  stripsOfRun: z.object({ runId: id, indexes: casesOfRun }),
  strips: z.object({
    caseIds: z.array(id).min(1, 'must name at least one case').max(200, 'must name at most 200 cases'),
    /** Only results of its runs. */
    branch: branch.optional(),
  }),
  list: z
    .object({
      /** The cases of one test. */
      testId: id.optional(),
      /** The cases of one suite. */
      suiteId: id.optional(),
      /** Only results of its runs count. */
      branch: branch.optional(),
      sort: z.enum(caseSorts).default('failing'),
      /** Days that count, up to now. */
      window: z.int().min(1).max(90, 'must be at most 90 days').default(14),
      /** Part of the title, the file or the name of the test or suite, in any letter case. */
      search: z.string().max(200).optional(),
      cursor,
      limit,
    })
    .prefault({}),
  /** `limit`: the newest runs of the job, or of the suite. */
  grid: z.union(
    [z.object({ jobId: id, limit: gridLimit }), z.object({ suiteId: id, branch: branch.optional(), limit: gridLimit })],
    { error: 'must name a job by jobId, or a suite by suiteId' },
  ),
  quarantine: z.object({
    caseId: id,
    reason: withoutNul(z.string().trim().min(1, 'must not be empty').max(500, 'must have at most 500 characters')),
    /** Who looks after it: a person or a team. */
    owner: nameOf(100),
    /** From then on the case counts again. */
    expiresAt: time.refine((value) => Date.parse(value) > Date.now(), 'must be in the future'),
  }),
};
export const followInput = z.object({ lastEventId }).prefault({});
