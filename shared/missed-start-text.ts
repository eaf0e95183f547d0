import type { MissedStartReason } from './schedule-rules.ts';

/** Why a start that was due did not happen in time. */
export const missedStartText: Record<MissedStartReason, string> = {
  queue_full: 'the queue was full',
  still_running: 'the last run was not over',
  not_running: 'Runlight was not running',
  no_bundle: 'there was no bundle to run',
};
