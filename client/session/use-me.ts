import { useEffect } from 'react';
import { useIsGuest } from './guest.ts';
import { api } from '#client/query/trpc.ts';
import { chooseProject, chosenProject } from '#client/query/chosen-project.ts';

/** The user of this browser, with project and role; guests have none. Falls back to another project if the chosen one is gone. */
export function useMe() {
  const isGuest = useIsGuest();
  const query = api.account.me.useQuery(undefined, { staleTime: 60_000, enabled: !isGuest });
  const isGone = query.error?.data?.code === 'NOT_FOUND' && chosenProject() !== undefined;
  useEffect(() => {
    if (isGone) chooseProject(undefined);
  }, [isGone]);
  return query;
}
