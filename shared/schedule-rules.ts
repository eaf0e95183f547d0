/** What happens when a job is due while its last scheduled run is not over. */
export const overlapRules = ['skip', 'queue', 'cancel-running'] as const;
export type OverlapRule = (typeof overlapRules)[number];

/** Which starts are made up for that were due while Runlight was not running. */
export const catchUpRules = ['none', 'last', 'all'] as const;
export type CatchUpRule = (typeof catchUpRules)[number];

/**
 * Why a start that was due did not happen in time: the queue was full, the last run was not over, Runlight was not running, the
 * suite had no bundle.
 */
export const missedStartReasons = ['queue_full', 'still_running', 'not_running', 'no_bundle'] as const;
export type MissedStartReason = (typeof missedStartReasons)[number];
