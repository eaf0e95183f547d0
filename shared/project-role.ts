/** Viewers watch. Editors also create, run and cancel. Owners also manage members, keys and settings. */
export const projectRoles = ['viewer', 'editor', 'owner'] as const;
export type ProjectRole = (typeof projectRoles)[number];

/** Roles of API keys. `reporter` reports runs and does nothing else: a key for a CI. */
export const keyRoles = [...projectRoles, 'reporter'] as const;
export type KeyRole = (typeof keyRoles)[number];

/** True if `role` has all permissions of `needed`. */
export function includesRole(role: KeyRole, needed: KeyRole): boolean {
  if (needed === 'reporter') return role !== 'viewer';
  return role !== 'reporter' && projectRoles.indexOf(role) >= projectRoles.indexOf(needed);
}
