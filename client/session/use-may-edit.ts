import { useMe } from './use-me.ts';

/** True if the user may change, run and cancel. The server enforces it. */
export function useMayEdit(): boolean {
  return useMe().data?.role !== 'viewer';
}
