import { AppError } from '#server/lib/errors.ts';

/** A suite has no bundle to run. The message says which is missing, and what to do. */
export class NoBundleError extends AppError {
  constructor(message: string) {
    super('CONFLICT', message);
  }
}
