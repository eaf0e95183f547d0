/** What a Runlight process does: answer requests, execute runs, or both. */
export const roles = ['api', 'worker'] as const;
export type Role = (typeof roles)[number];
