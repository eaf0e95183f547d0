import { useEffect } from 'react';
import { api } from '#client/query/trpc.ts';
import { chooseProject, chosenProject } from '#client/query/chosen-project.ts';

/** Who uses this browser, in which project, and what they may do there. */
export function useMe() {
  const query = api.account.me.useQuery(undefined, { staleTime: 60_000 });
  const isGone = query.error?.data?.code === 'NOT_FOUND' && chosenProject() !== undefined;
  useEffect(() => {
    if (isGone) chooseProject(undefined);
  }, [isGone]);
  return query;
}
