import { useMe } from './use-me.ts';

/** Whether members, keys, variables and projects are theirs to change: the server refuses it to all but owners. */
export function useMayManage(): boolean {
  return useMe().data?.role === 'owner';
}
