import { AppError } from '#server/lib/errors.ts';
import type { Caller } from './caller.ts';

/**
 * For what only somebody who has signed in may do; answers who that is. Throws FORBIDDEN for keys, and CONFLICT where there
 * are no accounts.
 */
export function requirePerson({ principal }: Pick<Caller, 'principal'>): string {
  switch (principal.kind) {
    case 'user':
      return principal.id;
    case 'key':
      throw new AppError('FORBIDDEN', 'This is for people who have signed in, not for API keys.');
    case 'local':
      throw new AppError(
        'CONFLICT',
        'This Runlight has no accounts: set BASE_URL and AUTH_SECRET, and start it again.',
      );
  }
}
