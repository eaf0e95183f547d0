import { useIsGuest } from './guest.ts';
import { useMe } from './use-me.ts';

/** True if the user may change, run and cancel. The server enforces it. */
export function useMayEdit(): boolean {
  const { data: me } = useMe();
  return !useIsGuest() && me?.role !== 'viewer';
}
