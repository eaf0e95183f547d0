import { z } from 'zod';
import { commitInput } from './commit-input.ts';
import {
  archived,
  cursor,
  expectedUpdatedAt,
  historyLimit,
  id,
  idempotencyKey,
  limit,
  name,
  timeoutMs,
} from './inputs.ts';
import { catchUpRules, overlapRules } from './schedule-rules.ts';
import { suiteToRun } from './suites.ts';

/** Five fields (minute first), or six with seconds; `null` removes the schedule. The server checks the rest. */
const schedule = z.string().trim().min(1, 'must be a cron expression such as "0 7 * * 1-5"').max(100).nullish();
const timezone = z.string().min(1).max(100).optional();
const overlap = z.enum(overlapRules).optional();
const catchUp = z.enum(catchUpRules).optional();

const content = {
  /** In the order of execution. */
  testIds: z.array(id).min(1, 'must name at least one test').max(500, 'must name at most 500 tests').optional(),
  /** Instead of tests. */
  suite: suiteToRun.optional(),
};
type Content = { testIds?: unknown; suite?: unknown };
const isNotBoth = ({ testIds, suite }: Content) => testIds === undefined || suite === undefined;
const both = { path: ['suite'], message: 'must not be given together with testIds: a job runs tests or a suite' };

export const jobInputs = {
  /** `archived`: as for tests. */
  list: z.object({ search: z.string().max(200).optional(), archived, cursor, limit }).prefault({}),
  byId: z.object({ jobId: id }),
  create: z
    .object({ name, ...content, schedule, timezone, timeoutMs, enabled: z.boolean().optional(), overlap, catchUp })
    .refine(isNotBoth, both)
    .refine(({ testIds, suite }) => testIds !== undefined || suite !== undefined, {
      path: ['testIds'],
      message: 'must name at least one test, unless the job runs a suite',
    }),
  update: z
    .object({
      jobId: id,
      name: name.optional(),
      ...content,
      schedule,
      timezone,
      timeoutMs,
      /** A disabled job keeps its schedule but does not start by itself. */
      enabled: z.boolean().optional(),
      overlap,
      catchUp,
      expectedUpdatedAt,
    })
    .refine(isNotBoth, both),
  history: z.object({ jobId: id, limit: historyLimit }),
  previewSchedule: z.object({
    schedule: z.string().trim().min(1).max(100),
    timezone: z.string().min(1).max(100),
    /** A saved job; `H` in the schedule stands for that job's values. */
    jobId: id.optional(),
  }),
  /** `commit`: of a job that runs tests; the runs of a suite have that of its bundle. */
  run: z.object({ jobId: id, idempotencyKey, commit: commitInput.optional() }),
};
