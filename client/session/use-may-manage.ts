import { useMe } from './use-me.ts';

/** True if the user may change members, keys, variables and projects. The server enforces it. */
export function useMayManage(): boolean {
  return useMe().data?.role === 'owner';
}
