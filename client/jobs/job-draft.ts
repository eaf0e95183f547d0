import type { CatchUpRule, OverlapRule } from '#shared/schedule-rules.ts';
import type { Outputs } from '#client/query/trpc.ts';
import { emptyRunDraft, type RunDraft, toRunDraft, toRunInput } from '#client/suites/bundles/run-draft.ts';

/** The suite of a job, as the form holds it. */
export interface SuiteDraft extends RunDraft {
  /** Empty: none is chosen yet. */
  suiteId: string;
  bundle: 'newest' | 'branch' | 'pinned' | 'git';
  /** Of `branch` and `git`; empty with `git`: that of the suite's source. */
  branch: string;
  /** Empty: none is chosen, or it was deleted. */
  bundleId: string;
}

/** The fields of the job form: text as typed, tests in order. */
export interface JobDraft {
  name: string;
  runs: 'tests' | 'suite';
  tests: readonly { id: string; name: string }[];
  suite: SuiteDraft;
  schedule: string;
  timezone: string;
  /** Empty: the server's default. */
  timeoutMinutes: string;
  enabled: boolean;
  overlap: OverlapRule;
  catchUp: CatchUpRule;
}

export interface JobFieldsProps {
  /** Of a saved job: each H of its schedule has a value. */
  jobId?: string | undefined;
  draft: JobDraft;
  /** The server's complaints by field. */
  errors: Record<string, string>;
  onChange: (change: Partial<JobDraft>) => void;
}

export const browserTimezone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

const blankSuite: SuiteDraft = { ...emptyRunDraft, suiteId: '', bundle: 'newest', branch: '', bundleId: '' };

export const blankJob = (): JobDraft => ({
  name: '',
  runs: 'tests',
  tests: [],
  suite: blankSuite,
  schedule: '',
  timezone: browserTimezone(),
  timeoutMinutes: '',
  enabled: true,
  overlap: 'skip',
  catchUp: 'last',
});

export function draftOf(job: Outputs['jobs']['byId']): JobDraft {
  return {
    name: job.name,
    runs: job.suite ? 'suite' : 'tests',
    tests: job.tests,
    suite: job.suite ? suiteDraftOf(job.suite) : blankSuite,
    schedule: job.schedule ?? '',
    timezone: job.timezone,
    timeoutMinutes: job.timeoutMs === null ? '' : String(job.timeoutMs / 60_000),
    enabled: job.enabled,
    overlap: job.overlap,
    catchUp: job.catchUp,
  };
}

function suiteDraftOf(suite: NonNullable<Outputs['jobs']['byId']['suite']>): SuiteDraft {
  const { id, isPinned, fromGit, branch, bundle } = suite;
  return {
    ...toRunDraft(suite),
    suiteId: id,
    bundle: isPinned ? 'pinned' : fromGit ? 'git' : branch === null ? 'newest' : 'branch',
    branch: branch ?? '',
    bundleId: isPinned ? (bundle?.id ?? '') : '',
  };
}

function suiteInput(suite: SuiteDraft) {
  const { suiteId, bundle, branch, bundleId } = suite;
  return {
    suiteId,
    ...(bundle === 'branch' && { branch: branch.trim() }),
    ...(bundle === 'pinned' && { bundleId }),
    ...(bundle === 'git' && { fromGit: true, ...(branch.trim() !== '' && { branch: branch.trim() }) }),
    ...toRunInput(suite),
  };
}

/** The draft as `jobs.create` and `jobs.update` take it. */
export function jobInput(draft: JobDraft) {
  return {
    name: draft.name,
    ...(draft.runs === 'tests' ? { testIds: draft.tests.map((test) => test.id) } : { suite: suiteInput(draft.suite) }),
    schedule: draft.schedule.trim() || null,
    timezone: draft.timezone,
    timeoutMs: draft.timeoutMinutes.trim() === '' ? null : Math.round(Number(draft.timeoutMinutes) * 60_000),
    enabled: draft.enabled,
    overlap: draft.overlap,
    catchUp: draft.catchUp,
  };
}

export const sameJob = (a: JobDraft, b: JobDraft) => JSON.stringify(jobInput(a)) === JSON.stringify(jobInput(b));
