import type { JSONReportTestResult, JSONReportTestStep } from '@playwright/test/reporter';
import { sql } from 'kysely';
import type { TestError } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { nameOf } from '#server/runs/queries.ts';

/** Output, attachments and steps of an attempt. */
export interface AttemptParts extends Pick<JSONReportTestResult, 'stdout' | 'stderr' | 'attachments'> {
  steps: JSONReportTestStep[];
}

export const noParts: AttemptParts = { stdout: [], stderr: [], attachments: [], steps: [] };

interface Entry {
  caseIndex: number;
  attempt: number;
  payload:
    | { type: 'log'; stream: 'stdout' | 'stderr'; text: string }
    | {
        type: 'step';
        id: string;
        parentId: string | null;
        category: string;
        title: string;
        status: TestStatus;
        duration: number | null;
        error: TestError | null;
      };
}

/** Keys are the index of the case and the attempt: `3 0`. Has only the steps of `test.step`, like Playwright's own report. */
export async function findAttemptParts(
  db: Database,
  { runId, indexes, url }: { runId: string; indexes: readonly number[]; url: string },
): Promise<ReadonlyMap<string, AttemptParts>> {
  const found = new Map<string, AttemptParts>();
  const partsOf = (index: number, attempt: number): AttemptParts => {
    const key = `${index} ${attempt}`;
    const known = found.get(key) ?? { stdout: [], stderr: [], attachments: [], steps: [] };
    found.set(key, known);
    return known;
  };
  const [{ rows }, artifacts] = await Promise.all([
    sql<Entry>`
      select case_index, attempt, payload from run_events
      where run_id = ${runId} and case_index = any(${indexes}::integer[]) and attempt is not null
        and (type = 'log' or type = 'step' and payload->>'category' in ('case', 'test.step') and payload->>'status' <> 'running')
      order by seq`.execute(db),
    db
      .selectFrom('artifacts')
      .select(['caseIndex', 'attempt', 'name', 'path', 'contentType'])
      .where('runId', '=', runId)
      .where('caseIndex', '=', sql<number>`any(${indexes}::integer[])`)
      .orderBy('id')
      .execute(),
  ]);
  for (const { caseIndex, attempt, name, path, contentType } of artifacts)
    partsOf(caseIndex!, attempt ?? 0).attachments.push({
      name: nameOf({ name, path }),
      contentType,
      path: new URL(path, url).href,
    });
  addEntries(rows, partsOf);
  return found;
}

function addEntries(rows: readonly Entry[], partsOf: (index: number, attempt: number) => AttemptParts): void {
  const steps = new Map<string, JSONReportTestStep>();
  const attempts = new Set<string>();
  const ended: (Entry & { payload: { type: 'step' } })[] = [];
  for (const row of rows) {
    const { caseIndex, attempt, payload } = row;
    if (payload.type === 'log') partsOf(caseIndex, attempt)[payload.stream].push({ text: payload.text });
    else if (payload.category === 'case') attempts.add(payload.id);
    else {
      const { id, title, duration, error } = payload;
      steps.set(id, { title, duration: duration ?? 0, error: error ? { message: error.message } : undefined });
      ended.push({ ...row, payload });
    }
  }
  // Steps are logged when they end, so inner steps come before their outer step, in the order of their ends.
  for (const { caseIndex, attempt, payload } of ended) {
    const { id, parentId } = payload;
    const parent = parentId === null ? undefined : steps.get(parentId);
    if (parent) (parent.steps ??= []).push(steps.get(id)!);
    else if (parentId === null || attempts.has(parentId)) partsOf(caseIndex, attempt).steps.push(steps.get(id)!);
  }
}
