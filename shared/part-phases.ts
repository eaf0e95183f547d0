/**
 * What a part of a run does before the body of its first case runs, in this order: only the suite of a team installs, and
 * `cases` is the end of it.
 */
export const partPhases = ['install', 'sandbox', 'compile', 'browser', 'cases'] as const;
export type PartPhase = (typeof partPhases)[number];
