import { z } from 'zod';
import { runStatuses, streamStatuses, testStatuses } from './run-status.ts';

export const runStatus = z.enum(runStatuses);
export const streamStatus = z.enum(streamStatuses);
export const testStatus = z.enum(testStatuses);

/**
 * A status as outside publishers write it: any letter case, and `completed` for `passed`.
 * The alias ends here; it is never stored nor sent on.
 */
export const externalStatus = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  const status = value.trim().toLowerCase();
  return status === 'completed' ? 'passed' : status;
}, streamStatus);
