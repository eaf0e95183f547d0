import { z } from 'zod';
import { runStatuses, streamStatuses, testStatuses } from './run-status.ts';

export const runStatus = z.enum(runStatuses);
export const streamStatus = z.enum(streamStatuses);
export const testStatus = z.enum(testStatuses);

/**
 * A status from an outside publisher: any letter case, and `completed` for `passed`. Parsing normalises both, so neither
 * is stored or sent on.
 */
export const externalStatus = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  const status = value.trim().toLowerCase();
  return status === 'completed' ? 'passed' : status;
}, streamStatus);
