import { AppError } from '#server/errors.ts';
import type { Caller } from './caller.ts';

/** For what concerns accounts. Throws CONFLICT where there are none. */
export function requireAccounts({ principal }: Pick<Caller, 'principal'>): void {
  if (principal.kind === 'local')
    throw new AppError('CONFLICT', 'This Runlight has no accounts: set BASE_URL and AUTH_SECRET, and start it again.');
}

/** For what only somebody who has signed in can do; answers who that is. Throws CONFLICT and FORBIDDEN. */
export function requirePerson(caller: Pick<Caller, 'principal'>): string {
  requireAccounts(caller);
  if (caller.principal.kind !== 'user')
    throw new AppError('FORBIDDEN', 'This is for people who have signed in, not for API keys.');
  return caller.principal.id;
}
