import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { OutputOf } from '#sdk/client/procedures.ts';

export type CaseResult = OutputOf<Runlight['runs']['cases']>['items'][number];

/** All cases of a run, in their order. */
export async function listResults(runlight: Runlight, runId: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  let cursor: string | null = null;
  do {
    const page: OutputOf<Runlight['runs']['cases']> = await runlight.runs.cases.query({ runId, limit: 200, cursor });
    results.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return results;
}
