import { useMe } from './use-me.ts';

/** Whether all projects of the organisation are theirs: the server refuses what concerns them to all others. */
export function useOwnsOrganization(): boolean {
  return useMe().data?.ownsOrganization === true;
}
