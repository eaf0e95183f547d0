/**
 * What a part of a run does before the body of its first case runs, in this order: only the suite of a team is fetched
 * and installed, and `cases` is the end of it.
 */
export const partPhases = ['fetch', 'install', 'sandbox', 'compile', 'browser', 'cases'] as const;
export type PartPhase = (typeof partPhases)[number];
