/** A process answers requests (`api`), executes runs (`worker`), or both. */
export const roles = ['api', 'worker'] as const;
export type Role = (typeof roles)[number];
