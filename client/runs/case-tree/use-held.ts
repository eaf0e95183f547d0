import { useState } from 'react';

/**
 * The newest value, or the one from before `held` became true: what the reader points at must not move. `release` takes the newest
 * value once.
 */
export function useHeld<T>(newest: T, held: boolean): { value: T; release: () => void } {
  const [kept, setKept] = useState(newest);
  if (!held && kept !== newest) setKept(newest);
  return { value: held ? kept : newest, release: () => setKept(newest) };
}
