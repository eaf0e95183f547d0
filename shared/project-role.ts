/** Viewers watch. Editors also create, run and cancel. Owners also manage members, keys and settings. */
export const projectRoles = ['viewer', 'editor', 'owner'] as const;
export type ProjectRole = (typeof projectRoles)[number];

/** Roles of API keys. `reporter` reports runs and does nothing else: a key for a CI. */
export const keyRoles = [...projectRoles, 'reporter'] as const;
export type KeyRole = (typeof keyRoles)[number];

/** `guest`: has a share link, which opens one run. */
export const callerRoles = [...keyRoles, 'guest'] as const;
export type CallerRole = (typeof callerRoles)[number];

/** True if `role` has all permissions of `needed`. Viewers may do what guests may. */
export function includesRole(role: CallerRole, needed: CallerRole): boolean {
  if (role === 'guest') return needed === 'guest';
  if (needed === 'reporter') return role !== 'viewer';
  if (role === 'reporter') return false;
  return needed === 'guest' || projectRoles.indexOf(role) >= projectRoles.indexOf(needed);
}
