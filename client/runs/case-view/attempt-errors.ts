import type { Outputs } from '#client/query/trpc.ts';
import type { TestError } from '#shared/events.ts';
import { caseKey, type RunLog } from '#client/runs/log/run-log.ts';

type RunCase = Outputs['runs']['case'];

/** The errors of the last attempt are the case's; those of earlier ones are in their log. */
export function errorsOfAttempt(found: RunCase, log: RunLog, attempt: number): TestError[] {
  if (attempt === found.attempt) return found.errors.length > 0 ? found.errors : found.error ? [found.error] : [];
  const logged = log.cases.get(caseKey(found.index, attempt));
  if (logged?.errors?.length) return logged.errors;
  const error =
    logged?.error ?? [...log.steps.values()].find(({ category, error }) => category === 'case' && error)?.error;
  return error ? [error] : [];
}
