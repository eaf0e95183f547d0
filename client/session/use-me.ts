import { useEffect } from 'react';
import { api } from '#client/query/trpc.ts';
import { chooseProject, chosenProject } from '#client/query/chosen-project.ts';

/** The user of this browser, with project and role. Falls back to another project if the chosen one is gone. */
export function useMe() {
  const query = api.account.me.useQuery(undefined, { staleTime: 60_000 });
  const isGone = query.error?.data?.code === 'NOT_FOUND' && chosenProject() !== undefined;
  useEffect(() => {
    if (isGone) chooseProject(undefined);
  }, [isGone]);
  return query;
}
