import { useMe } from './use-me.ts';

/** Whether what changes or starts something is worth offering: the server refuses it to those who may only watch. */
export function useMayEdit(): boolean {
  return useMe().data?.role !== 'viewer';
}
