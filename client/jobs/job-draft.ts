import type { CatchUpRule, OverlapRule } from '#shared/schedule-rules.ts';
import type { Outputs } from '#client/query/trpc.ts';

/** The fields of the job form: text as typed, tests in order. */
export interface JobDraft {
  name: string;
  tests: readonly { id: string; name: string }[];
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

export const blankJob = (): JobDraft => ({
  name: '',
  tests: [],
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
    tests: job.tests,
    schedule: job.schedule ?? '',
    timezone: job.timezone,
    timeoutMinutes: job.timeoutMs === null ? '' : String(job.timeoutMs / 60_000),
    enabled: job.enabled,
    overlap: job.overlap,
    catchUp: job.catchUp,
  };
}

/** The draft as `jobs.create` and `jobs.update` take it. */
export function jobInput(draft: JobDraft) {
  return {
    name: draft.name,
    testIds: draft.tests.map((test) => test.id),
    schedule: draft.schedule.trim() || null,
    timezone: draft.timezone,
    timeoutMs: draft.timeoutMinutes.trim() === '' ? null : Math.round(Number(draft.timeoutMinutes) * 60_000),
    enabled: draft.enabled,
    overlap: draft.overlap,
    catchUp: draft.catchUp,
  };
}

export const sameJob = (a: JobDraft, b: JobDraft) => JSON.stringify(jobInput(a)) === JSON.stringify(jobInput(b));
