import { createContext, use } from 'react';

/** True for pages that a share link opens: they show one run, and lead nowhere else. */
export const GuestContext = createContext(false);

export function useIsGuest(): boolean {
  return use(GuestContext);
}
