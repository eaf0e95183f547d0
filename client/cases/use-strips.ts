import { keepPreviousData } from '@tanstack/react-query';
import type { ShownVerdict } from '#client/runs/history/verdict-label.ts';
import { api } from '#client/query/trpc.ts';
import { shownVerdict } from './case-verdict.ts';

/** The last results of these cases (on a branch), by id; empty until they are loaded. At most about 80 ids: they stand in an address. */
export function useStrips(
  caseIds: readonly string[],
  branch?: string | undefined,
): ReadonlyMap<string, ShownVerdict[]> {
  const ids = [...new Set(caseIds)].toSorted();
  const { data } = api.cases.strips.useQuery(
    { caseIds: ids, branch },
    { enabled: ids.length > 0, placeholderData: keepPreviousData },
  );
  return new Map(data?.items.map(({ caseId, verdicts }) => [caseId, verdicts.map(shownVerdict)]));
}
